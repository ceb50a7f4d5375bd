#!/usr/bin/env bash
# Berth at work in under a minute: a fleet of 5,000 instances, a task that fits, one that does not, and why.
# usage: demo.sh PATH/TO/berth
set -euo pipefail
berth=$(realpath "${1:?usage: demo.sh PATH/TO/berth}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

bold='' plain=''
if [[ -t 1 ]]; then
  bold=$'\033[1m' plain=$'\033[0m'
fi

show() {
  printf '\n%s$ %s%s\n' "$bold" "berth $*" "$plain"
  "$berth" "$@"
}

cat >web.json <<'JSON'
{
  "family": "web",
  "cpu": "512",
  "memory": "1024",
  "containerDefinitions": [
    {"name": "web", "image": "nginx", "essential": true, "portMappings": [{"containerPort": 80, "hostPort": 8080}]}
  ]
}
JSON
cat >trainer.json <<'JSON'
{
  "family": "trainer",
  "containerDefinitions": [
    {"name": "trainer", "image": "trainer", "essential": true, "cpu": 4096, "memory": 262144,
     "resourceRequirements": [{"type": "GPU", "value": "4"}]}
  ],
  "placementConstraints": [{"type": "memberOf", "expression": "attribute:ecs.instance-type =~ g4dn.*"}]
}
JSON

echo "A fleet of 5,000 container instances, filled to 60 %:"
show generate -o fleet.berth --instances 5000 --seed 7
show inspect -s fleet.berth --output table

echo
echo "Four web tasks, spread over the zones and packed by memory; the inventory after the decision goes to next.berth:"
show run-task -s fleet.berth --task-definition web.json --count 4 --seed 1 --output table -o next.berth \
  --placement-strategy type=spread,field=attribute:ecs.availability-zone type=binpack,field=memory

echo
echo "A trainer that wants 256 GiB and four GPUs on a g4dn instance: why does it not fit, and what would have to change?"
show explain -s next.berth --task-definition trainer.json --seed 1 --output table

echo
echo "What does an expression select, term by term?"
show check-expression -s next.berth "attribute:ecs.instance-type =~ c5.* and runningTasksCount < 5" --output table
