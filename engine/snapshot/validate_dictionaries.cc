#include "engine/snapshot/id_encoding.h"
#include "engine/snapshot/states.h"
#include "engine/snapshot/validation.h"

namespace berth {
namespace {

constexpr auto kFormatFirst = static_cast<std::uint8_t>(IdFormat::kText);
constexpr auto kFormatLast = static_cast<std::uint8_t>(IdFormat::kUuid);
constexpr auto kLaunchTypeLast = static_cast<std::uint8_t>(LaunchType::kManagedInstances);

Outcome validate_strings(const Validation& validation, const std::string& name, const wire::StringTable* table) {
  if (table == nullptr) {
    return {};
  }
  return check_offsets(validation, name + ".offsets", span_of(table->offsets()), span_of(table->bytes()).size());
}

Outcome validate_dictionary(const Validation& validation, const std::string& name, const wire::StringTable* table) {
  if (Outcome strings = validate_strings(validation, name, table); !strings) {
    return strings;
  }
  const StringTable entries = string_table_of(table);
  const auto fault = find_bad(validation.executor, entries.size(), [&](std::size_t at) {
    return at > 0 && entries.at(static_cast<std::uint32_t>(at - 1)) >= entries.at(static_cast<std::uint32_t>(at));
  });
  if (fault) {
    return inconsistent_at(name, *fault, "the text does not come after the one before it; dictionaries are sorted, each text once");
  }
  return {};
}

Outcome validate_prefixes(const Validation& validation, const std::string& name, const wire::IdColumn& column) {
  if (Outcome strings = validate_strings(validation, name + ".prefixes", column.prefixes()); !strings) {
    return strings;
  }
  if (Outcome strings = validate_strings(validation, name + ".texts", column.texts()); !strings) {
    return strings;
  }
  const StringTable prefixes = string_table_of(column.prefixes());
  const std::span<const std::uint8_t> formats = span_of(column.formats());
  if (Outcome length = check_length(name + ".formats", formats.size(), prefixes.size()); !length) {
    return length;
  }
  if (prefixes.size() > kPrefixesMax) {
    return inconsistent("column " + name + ".prefixes has " + std::to_string(prefixes.size()) + " entries, more than " +
                        std::to_string(kPrefixesMax));
  }
  if (Outcome known = check_bytes(validation, name + ".formats", formats, kFormatFirst, kFormatLast, "no id format"); !known) {
    return known;
  }
  for (std::uint32_t prefix = 0; prefix < prefixes.size(); ++prefix) {
    if (prefixes.at(prefix).size() + tail_bytes(static_cast<IdFormat>(formats[prefix])) > kIdBytesMax) {
      return inconsistent_at(name + ".prefixes", prefix, "its ids are longer than " + std::to_string(kIdBytesMax) + " bytes");
    }
  }
  return {};
}

// What is wrong with entry `at` of a column; nullptr for nothing. REQUIRES: its prefix is in range.
const char* fault_of_id(const IdColumn& ids, const StringTable& texts, bool has_short_tails, std::uint32_t at) {
  const IdFormat format = ids.format(at);
  const IdTail tail = ids.tail(at);
  if (format == IdFormat::kHex32 || format == IdFormat::kUuid) {
    return has_short_tails ? "a tail of 32 digits stands in a column of short tails" : nullptr;
  }
  if (tail.high != 0) {
    return "the high half of a tail that does not use it is not 0";
  }
  if (format == IdFormat::kText) {
    if (tail.low >= texts.size()) {
      return "the tail is no index into the column's texts";
    }
    const auto text = texts.at(static_cast<std::uint32_t>(tail.low));
    if (ids.prefixes().at(ids.prefix(at)).size() + text.size() > kIdBytesMax) {
      return "the id is longer than an id may be";
    }
  }
  return nullptr;
}

Outcome validate_attribute_sets(const Validation& validation) {
  const wire::Snapshot& root = validation.root;
  const std::span<const std::uint32_t> begin = span_of(root.attribute_set_begin());
  const std::span<const AttributePair> pairs = span_of(root.attribute_set_pairs());
  const std::size_t name_count = string_table_of(root.attribute_names()).size();
  const std::size_t value_count = string_table_of(root.attribute_values()).size();
  if (Outcome offsets = check_offsets(validation, "attribute_set_begin", begin, pairs.size()); !offsets) {
    return offsets;
  }
  std::vector<std::uint8_t> is_wide(name_count, 0);
  for (std::uint32_t at = 0; at < (root.wide_attributes() == nullptr ? 0 : root.wide_attributes()->size()); ++at) {
    is_wide[root.wide_attributes()->Get(at)->name()] = 1;
  }
  for (std::size_t set = 0; set + 1 < begin.size(); ++set) {
    for (std::size_t at = begin[set]; at < begin[set + 1]; ++at) {
      const AttributePair& pair = pairs[at];
      if (pair.name >= name_count || (pair.value >= value_count && pair.value != kAttributeNameOnly)) {
        return inconsistent_at("attribute_set_pairs", at,
                               "(" + std::to_string(pair.name) + ", " + std::to_string(pair.value) +
                                   ") is not in attribute_names and attribute_values, which have " + std::to_string(name_count) + " and " +
                                   std::to_string(value_count) + " entries");
      }
      if (at > begin[set] && pairs[at - 1].name >= pair.name) {
        return inconsistent_at("attribute_set_pairs", at, "the names of a set do not ascend");
      }
      if (is_wide[pair.name] != 0) {
        return inconsistent_at("attribute_set_pairs", at, "the attribute has a wide column as well");
      }
    }
  }
  return {};
}

Outcome validate_wide_attributes(const Validation& validation) {
  const wire::Snapshot& root = validation.root;
  const auto* const wide = root.wide_attributes();
  const std::size_t name_count = string_table_of(root.attribute_names()).size();
  const std::size_t value_count = string_table_of(root.attribute_values()).size();
  for (std::uint32_t at = 0; at < (wide == nullptr ? 0 : wide->size()); ++at) {
    const std::string column = "wide_attributes[" + std::to_string(at) + "]";
    const std::uint32_t name = wide->Get(at)->name();
    if (name >= name_count) {
      return inconsistent("column " + column + ": name " + std::to_string(name) + " is no index into attribute_names, which has " +
                          std::to_string(name_count) + " entries");
    }
    if (at > 0 && wide->Get(at - 1)->name() >= name) {
      return inconsistent("column " + column + ": wide attributes are not sorted by name, each once");
    }
    const std::span<const std::uint32_t> values = span_of(wide->Get(at)->values());
    if (Outcome length = check_length(column + ".values", values.size(), root.instance_count()); !length) {
      return length;
    }
    if (Outcome known = check_below(validation, column + ".values", values, value_count, kAttributeNameOnly, "attribute_values"); !known) {
      return known;
    }
  }
  return {};
}

Outcome validate_ports(const Validation& validation, const std::string& name, std::span<const std::uint32_t> begin,
                       std::span<const std::uint16_t> ports) {
  if (begin.size() < 2 || begin[1] != 0) {
    return inconsistent("column " + name + "_begin: port set 0, the empty one, is missing or has ports");
  }
  if (Outcome offsets = check_offsets(validation, name + "_begin", begin, ports.size()); !offsets) {
    return offsets;
  }
  for (std::size_t set = 0; set + 1 < begin.size(); ++set) {
    for (std::size_t at = begin[set] + std::size_t{1}; at < begin[set + 1]; ++at) {
      if (ports[at - 1] >= ports[at]) {
        return inconsistent_at(name, at, "the ports of set " + std::to_string(set) + " do not ascend");
      }
    }
  }
  return {};
}

Outcome validate_shapes(const Validation& validation) {
  const wire::Snapshot& root = validation.root;
  const std::size_t text_count = string_table_of(root.texts()).size();
  const std::size_t group_count = string_table_of(root.groups()).size();
  const std::size_t port_set_count = span_of(root.port_set_tcp_begin()).size() - 1;
  const auto is_text = [&](std::uint32_t id) { return id < text_count || id == kNoId; };
  const std::span<const TaskShape> shapes = span_of(root.task_shapes());
  for (std::size_t at = 0; at < shapes.size(); ++at) {
    const TaskShape& shape = shapes[at];
    const char* fault = nullptr;
    if (shape.group >= group_count) {
      fault = "group is no index into groups";
    } else if (!is_text(shape.task_definition) || !is_text(shape.started_by) || !is_text(shape.capacity_provider)) {
      fault = "task_definition, started_by or capacity_provider is no index into texts";
    } else if (shape.ports >= port_set_count) {
      fault = "ports is no port set";
    } else if (shape.uses_eni > 1) {
      fault = "uses_eni is neither 0 nor 1";
    } else if (shape.launch_type < 1 || shape.launch_type > kLaunchTypeLast) {
      fault = "launch_type is no launch type";
    } else if (shape.padding != 0) {
      fault = "padding is not 0";
    }
    if (fault != nullptr) {
      return inconsistent_at("task_shapes", at, fault);
    }
  }
  return {};
}

}  // namespace

Outcome validate_id_column(const Validation& validation, std::string_view column_name, const wire::IdColumn* column, std::size_t count) {
  const std::string name(column_name);
  if (column == nullptr) {
    return check_length(name, 0, count);
  }
  if (Outcome prefixes = validate_prefixes(validation, name, *column); !prefixes) {
    return prefixes;
  }
  const std::span<const std::uint16_t> prefix = span_of(column->prefix());
  if (Outcome length = check_length(name + ".prefix", prefix.size(), count); !length) {
    return length;
  }
  const bool has_short_tails = !span_of(column->short_tails()).empty();
  if (Outcome length = check_length(name + ".short_tails", span_of(column->short_tails()).size(), has_short_tails ? count : 0); !length) {
    return length;
  }
  if (Outcome length = check_length(name + ".tails", span_of(column->tails()).size(), has_short_tails ? 0 : count); !length) {
    return length;
  }
  const std::size_t prefix_count = string_table_of(column->prefixes()).size();
  if (const auto fault = find_bad(validation.executor, count, [&](std::size_t at) { return prefix[at] >= prefix_count; }); fault) {
    return inconsistent_at(
        name + ".prefix", *fault,
        std::to_string(prefix[*fault]) + " is no index into the prefixes, which have " + std::to_string(prefix_count) + " entries");
  }
  const IdColumn ids = id_column_of(column);
  const StringTable texts = string_table_of(column->texts());
  const auto fault = find_bad(validation.executor, count, [&](std::size_t at) {
    return fault_of_id(ids, texts, has_short_tails, static_cast<std::uint32_t>(at)) != nullptr;
  });
  if (fault) {
    return inconsistent_at(name, *fault, fault_of_id(ids, texts, has_short_tails, static_cast<std::uint32_t>(*fault)));
  }
  return {};
}

Outcome validate_dictionaries(const Validation& validation) {
  const wire::Snapshot& root = validation.root;
  struct Named {
    const char* name;
    const wire::StringTable* table;
  };
  for (const Named& dictionary : {Named{"attribute_names", root.attribute_names()}, Named{"attribute_values", root.attribute_values()},
                                  Named{"groups", root.groups()}, Named{"texts", root.texts()}}) {
    if (Outcome valid = validate_dictionary(validation, dictionary.name, dictionary.table); !valid) {
      return valid;
    }
  }
  const StringTable texts = string_table_of(root.texts());
  if (texts.size() > 0 && texts.at(0).empty()) {
    return inconsistent_at("texts", 0, "the text is empty; no text is written as no index");
  }
  return {};
}

Outcome validate_sets(const Validation& validation) {
  const wire::Snapshot& root = validation.root;
  if (Outcome wide = validate_wide_attributes(validation); !wide) {
    return wide;
  }
  if (Outcome sets = validate_attribute_sets(validation); !sets) {
    return sets;
  }
  const std::span<const std::uint32_t> tcp_begin = span_of(root.port_set_tcp_begin());
  const std::span<const std::uint32_t> udp_begin = span_of(root.port_set_udp_begin());
  if (Outcome tcp = validate_ports(validation, "port_set_tcp", tcp_begin, span_of(root.port_set_tcp())); !tcp) {
    return tcp;
  }
  if (Outcome udp = validate_ports(validation, "port_set_udp", udp_begin, span_of(root.port_set_udp())); !udp) {
    return udp;
  }
  if (Outcome length = check_length("port_set_udp_begin", udp_begin.size(), tcp_begin.size()); !length) {
    return length;
  }
  return validate_shapes(validation);
}

}  // namespace berth
