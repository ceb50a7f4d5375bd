// Definition: a task definition with the overrides of one request, and the demand that follows (sections 2.3 to 2.7, decisions D5, D6,
// D9). Validation goes as far as telling definitions that ECS takes from those that it refuses.
//
// Thread rule: plain values. Lifetime: a Demand owns what it names.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/oracle/fleet.h"

namespace berth::oracle {

struct RequiredAttribute {
  std::optional<std::string> value;
  std::optional<std::string> absent_reads_as;  // Rule D9.
};

struct Demand {
  std::int64_t cpu = 0;
  std::int64_t memory = 0;
  std::set<int> tcp;
  std::set<int> udp;
  std::size_t gpus = 0;
  bool uses_eni = false;
  std::map<std::string, RequiredAttribute> attributes;
  std::map<std::string, std::int64_t> own;  // Of own resources, by name.
};

// The definition inside an optional {"taskDefinition": ...} wrapper.
const Json& unwrap_definition(const Json& definition);

// Throws Invalid. `runs_command` is RunTask's enableExecuteCommand.
Demand demand_of(const Json& definition, const Json& overrides, bool runs_command);

// Names of the attributes that ECS would put into requiresAttributes (section 2.7).
std::set<std::string> derive_required_attributes(const Json& definition);

// --- Reading JSON strictly: what is absent or null is nullopt, what has another type than the API's throws Invalid. ---
const Json* member(const Json& object, const char* name);
std::optional<std::string> string_member(const Json& object, const char* name);
std::optional<std::int64_t> integer_member(const Json& object, const char* name, std::int64_t least, std::int64_t most);
std::optional<bool> boolean_member(const Json& object, const char* name);
const Json& list_member(const Json& object, const char* name);    // An empty list where it is absent.
const Json& object_member(const Json& object, const char* name);  // An empty object where it is absent.
void require_known_members(const Json& object, const std::string& where, std::initializer_list<const char*> known);

}  // namespace berth::oracle
