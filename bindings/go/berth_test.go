package berth_test

import (
	"context"
	"errors"
	"testing"
	"unsafe"

	"berth"
)

func pointer[T any](value T) *T { return &value }

func web() *berth.RunTaskInput {
	return &berth.RunTaskInput{
		TaskDefinition: []byte(`{"family": "web", "containerDefinitions": [{"name": "web", "image": "nginx", "cpu": 256, "memory": 512}]}`),
		Count:          pointer(int32(2)),
	}
}

func cluster(t *testing.T) *berth.Cluster {
	t.Helper()
	fleet, err := berth.Generate(berth.GenerateOptions{Instances: 500})
	if err != nil {
		t.Fatal(err)
	}
	defer fleet.Close()
	live, err := berth.NewCluster(fleet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(live.Close)
	return live
}

func TestRowsHaveTheSizesOfTheInterface(t *testing.T) {
	for name, sizes := range map[string][2]uintptr{
		"PlaceRow":     {unsafe.Sizeof(berth.PlaceRow{}), 64},
		"Decision":     {unsafe.Sizeof(berth.Decision{}), 64},
		"ChangeRow":    {unsafe.Sizeof(berth.ChangeRow{}), 128},
		"ChangeResult": {unsafe.Sizeof(berth.ChangeResult{}), 64},
	} {
		if sizes[0] != sizes[1] {
			t.Errorf("%s has %d bytes, want %d", name, sizes[0], sizes[1])
		}
	}
}

func TestRunTaskAnswersInTheShapesOfTheAPI(t *testing.T) {
	output, err := cluster(t).RunTask(context.Background(), web())
	if err != nil {
		t.Fatal(err)
	}
	if len(output.Tasks) != 2 || len(output.Failures) != 0 {
		t.Fatalf("%d tasks and %d failures", len(output.Tasks), len(output.Failures))
	}
}

func TestRowsPlaceAndRelease(t *testing.T) {
	live := cluster(t)
	class, err := live.Prepare(web())
	if err != nil {
		t.Fatal(err)
	}
	decisions := make([]berth.Decision, 3)
	if err := live.Place(context.Background(), []berth.PlaceRow{{RequestClass: class, Count: 3, Seed: 1}}, decisions); err != nil {
		t.Fatal(err)
	}
	changes := make([]berth.ChangeRow, len(decisions))
	for index, decision := range decisions {
		if decision.Outcome != berth.Placed {
			t.Fatalf("task %d: outcome %v", index, decision.Outcome)
		}
		changes[index] = berth.ChangeRow{Kind: berth.ChangeRelease, Task: decision.Task}
	}
	results := make([]berth.ChangeResult, len(changes))
	if err := live.Change(context.Background(), changes, berth.Texts{}, results); err != nil {
		t.Fatal(err)
	}
	for index, result := range results {
		if result.Status != berth.OK {
			t.Errorf("release %d: status %v", index, result.Status)
		}
	}
}

func TestErrorsNameWhatIsWrong(t *testing.T) {
	input := web()
	input.PlacementConstraints = []berth.PlacementConstraint{{Type: "memberOf", Expression: pointer("attribute:stack ==")}}
	_, err := cluster(t).RunTask(context.Background(), input)
	var failure *berth.Error
	if !errors.As(err, &failure) || failure.Status != berth.InvalidArgument {
		t.Fatalf("got %v", err)
	}
}

func TestClosedHandlesRefuse(t *testing.T) {
	live := cluster(t)
	live.Close()
	live.Close()
	if _, err := live.Stats(); err == nil {
		t.Fatal("a closed cluster answered")
	}
}

func TestACancelledContextEndsTheCall(t *testing.T) {
	live := cluster(t)
	class, err := live.Prepare(web())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := live.Place(ctx, []berth.PlaceRow{{RequestClass: class, Count: 1}}, make([]berth.Decision, 1)); err == nil {
		t.Fatal("placed although it was cancelled")
	}
}
