// Explanations as JSON.

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "engine/ecs/explain.h"
#include "engine/ecs/json_writer.h"
#include "engine/placement/reason.h"

namespace berth::ecs {
namespace {

using placement::Explanation;
using placement::Reason;

std::string_view kind_text(placement::Relaxation::Kind kind) {
  using Kind = placement::Relaxation::Kind;
  switch (kind) {
    case Kind::kDropConstraint:
      return "dropConstraint";
    case Kind::kDropDistinctInstance:
      return "dropDistinctInstance";
    case Kind::kLowerCpu:
      return "lowerCpu";
    case Kind::kLowerMemory:
      return "lowerMemory";
    case Kind::kDropPort:
      return "dropPort";
    case Kind::kDropAttribute:
      return "dropAttribute";
    case Kind::kLowerGpu:
      return "lowerGpu";
    case Kind::kDropEni:
      return "dropEni";
    case Kind::kLowerOwn:
      return "lowerResource";
  }
  return "";
}

std::string_view unit_of(Reason resource, const placement::Demand& demand) {
  switch (resource) {
    case Reason::kCpu:
      return "CPU units";
    case Reason::kMemory:
      return "MiB";
    case Reason::kPorts:
      return "ports";
    case Reason::kGpu:
      return "GPUs";
    case Reason::kEni:
      return "network interfaces";
    default:
      return is_own(resource) ? std::string_view(demand.own[own_index(resource)].name) : "";
  }
}

class ExplanationWriter {
 public:
  ExplanationWriter(const TaskRequest& request, const Snapshot& snapshot, const Explained& explained)
      : request_(request), snapshot_(snapshot), explained_(explained), explanation_(explained.explanation) {}

  std::string write() {
    const placement::Decision& decision = explanation_.decision;
    out_.begin_object();
    out_.key("seed").unsigned_integer(request_.berth.seed);
    out_.member("group", request_.placement.group);
    out_.member_integer("requested", decision.requested);
    count("placed", decision.placed.size());
    out_.member_integer("examined", decision.examined);
    out_.member("needs", demand_text(request_));
    out_.key("notes").begin_array();
    for (const std::string& note : explained_.notes) {
      out_.string(note);
    }
    out_.end_array();
    write_reasons();
    write_shortfalls();
    write_terms("conjuncts", explanation_.conjuncts, {});
    write_terms("leaves", explanation_.leaves, explained_.leaf_advice);
    write_attributes();
    write_closest();
    write_relaxations();
    write_mends();
    write_why_here();
    out_.end_object();
    return out_.take();
  }

 private:
  [[nodiscard]] std::string name_of(Reason reason) const { return reason_text(reason, request_.placement.demand); }

  JsonWriter& count(std::string_view name, std::uint64_t value) { return out_.key(name).unsigned_integer(value); }

  void write_instance(std::string_view name, std::uint32_t instance) { out_.member(name, snapshot_.instance_arns().text(instance)); }

  void write_reasons() {
    out_.key("reasons").begin_array();
    for (const Reason reason : placement::kCheckOrder) {
      const auto r = static_cast<std::size_t>(reason);
      const std::uint64_t instances = explanation_.decision.lost[r];
      const std::uint64_t at_all = explanation_.fails_at_all[r];
      if (instances > 0 || at_all > 0) {
        out_.begin_object().member("reason", name_of(reason));
        count("instances", instances);
        count("failsAtAll", at_all);
        count("failsAlone", explanation_.fails_alone[r]);
        out_.end_object();
      }
    }
    out_.end_array();
  }

  void write_shortfalls() {
    out_.key("shortfalls").begin_array();
    for (const placement::Shortfall& shortfall : explanation_.shortfalls) {
      if (shortfall.instances == 0) {
        continue;
      }
      out_.begin_object().member("resource", name_of(shortfall.resource));
      count("instances", shortfall.instances);
      out_.member_integer("least", shortfall.least);
      out_.member_integer("most", shortfall.most);
      out_.member("unit", unit_of(shortfall.resource, request_.placement.demand));
      out_.member("text", shortfall_text(shortfall, request_.placement.demand));
      out_.end_object();
    }
    out_.end_array();
  }

  // `advice` is empty, or has one entry per term.
  void write_terms(std::string_view name, const std::vector<placement::TermCount>& terms,
                   std::span<const std::optional<AttributeAdvice>> advice) {
    out_.key(name).begin_array();
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const placement::TermCount& term = terms[i];
      out_.begin_object().member("origin", term.origin).member("text", term.text);
      out_.member_integer("offset", term.piece.offset);
      out_.member_integer("length", term.piece.length);
      count("selected", term.selected);
      count("failed", term.failed);
      if (i < advice.size() && advice[i].has_value()) {
        if (!advice[i]->unknown.empty()) {
          out_.member("unknownAttribute", advice[i]->unknown);
        }
        if (advice[i]->nearest.has_value()) {
          out_.member("nearestAttribute", *advice[i]->nearest);
        }
        out_.member("note", advice[i]->text());
      }
      out_.end_object();
    }
    out_.end_array();
  }

  void write_attributes() {
    out_.key("attributes").begin_array();
    for (const placement::AttributeCount& attribute : explanation_.attributes) {
      out_.begin_object().member("name", attribute.name);
      if (!attribute.value.empty()) {
        out_.member("value", attribute.value);
      }
      count("failed", attribute.failed);
      out_.end_object();
    }
    out_.end_array();
  }

  void write_closest() {
    out_.key("closest");
    if (!explanation_.closest.has_value()) {
      out_.null();
      return;
    }
    const placement::ClosestInstance& closest = *explanation_.closest;
    out_.begin_object();
    write_instance("containerInstanceArn", closest.instance);
    out_.member("ec2InstanceId", snapshot_.ec2_instance_ids().text(closest.instance));
    out_.member("reason", name_of(closest.reason));
    out_.member_integer("checksPassed", closest.checks_passed);
    out_.member("lack", explained_.closest_lack);
    out_.member("text", instance_text(snapshot_, closest.instance) + ": " + name_of(closest.reason));
    out_.end_object();
  }

  void write_relaxations() {
    out_.key("relaxations").begin_array();
    for (const placement::Relaxation& relaxation : explanation_.relaxations) {
      out_.begin_object().member("kind", kind_text(relaxation.kind));
      if (!relaxation.what.empty()) {
        out_.member("what", relaxation.what);
      }
      if (!relaxation.origin.empty()) {
        out_.member("origin", relaxation.origin);
      }
      if (relaxation.amount != 0) {
        out_.member_integer("amount", relaxation.amount);
      }
      count("instances", relaxation.instances);
      out_.member("text", relaxation_text(relaxation, request_.placement.demand));
      out_.end_object();
    }
    out_.end_array();
  }

  void write_mends() {
    out_.key("mends").begin_array();
    for (const Mend& mend : explained_.mends) {
      out_.begin_object().member("reason", to_text(mend.reason));
      count("instances", mend.instances);
      out_.member("text", mend_text(mend));
      out_.end_object();
    }
    out_.end_array();
  }

  void write_why_here() {
    out_.key("whyHere").begin_array();
    for (const placement::WhyHere& why : explanation_.why_here) {
      out_.begin_object().member_integer("task", why.task);
      write_instance("containerInstanceArn", why.instance);
      out_.member("ec2InstanceId", snapshot_.ec2_instance_ids().text(why.instance));
      count("candidates", why.candidates);
      if (why.runner_up.has_value()) {
        write_instance("runnerUpArn", *why.runner_up);
      }
      out_.key("levels").begin_array();
      for (const placement::KeyLevel& level : why.levels) {
        out_.begin_object().member("strategy", level.strategy).member("winner", level.winner);
        if (!level.runner_up.empty()) {
          out_.member("runnerUp", level.runner_up);
        }
        count("remaining", level.remaining);
        out_.end_object();
      }
      out_.end_array();
      out_.end_object();
    }
    out_.end_array();
  }

  const TaskRequest& request_;
  const Snapshot& snapshot_;
  const Explained& explained_;
  const Explanation& explanation_;
  JsonWriter out_;
};

}  // namespace

std::string explanation_json(const TaskRequest& request, const Snapshot& snapshot, const Explained& explained) {
  return ExplanationWriter(request, snapshot, explained).write();
}

std::string fargate_explanation_json(const TaskRequest& request) {
  std::map<std::string_view, std::uint64_t> zones;
  for (const FargatePlace& place : spread_fargate(request.placement.count, request.fargate_providers, request.network)) {
    ++zones[request.network.subnets[place.subnet].zone];
  }
  JsonWriter out;
  out.begin_object();
  out.key("seed").unsigned_integer(request.berth.seed);
  out.member("group", request.placement.group);
  out.member_integer("requested", request.placement.count);
  out.member_integer("placed", request.placement.count);
  out.member_integer("examined", 0);
  out.member("needs", demand_text(request));
  for (const std::string_view name : {"notes", "reasons", "shortfalls", "conjuncts", "leaves", "attributes"}) {
    out.key(name).begin_array().end_array();
  }
  out.key("closest").null();
  for (const std::string_view name : {"relaxations", "mends", "whyHere"}) {
    out.key(name).begin_array().end_array();
  }
  out.key("fargateZones").begin_object();
  for (const auto& [zone, tasks] : zones) {
    out.key(zone).unsigned_integer(tasks);
  }
  out.end_object();
  out.end_object();
  return out.take();
}

}  // namespace berth::ecs
