// YAML: the configuration file and mappings of feeds; and option values.

#include <string>
#include <string_view>

#include "server/feed/posting_mapping.h"
#include "server/options.h"
#include "server/yaml.h"
#include "tests/fuzz/fuzz_target.h"

namespace gradmatch {
namespace {

int Depth(const YamlNode& node) {
  int deepest = 0;
  for (const YamlNode& item : node.items) {
    deepest = std::max(deepest, Depth(item));
  }
  for (const auto& [key, value] : node.entries) {
    deepest = std::max(deepest, Depth(value));
  }
  return deepest + 1;
}

}  // namespace

// Options that load, load again from what they print, to the same values.
void FuzzConfiguration(std::string_view bytes) {
  const auto yaml = ParseYaml(bytes);
  if (yaml.ok()) PROMISE(Depth(*yaml) <= 34);
  (void)PostingMapping::Parse(bytes, "mapping.yaml");

  OptionSources sources;
  sources.file_path = "gradmatch.yaml";
  sources.file_text = std::string(bytes);
  const auto loaded = LoadOptions(sources);
  if (!loaded.ok()) {
    PROMISE(!loaded.status().message().empty());
    return;
  }
  PROMISE(yaml.ok());
  OptionSources printed;
  for (const OptionValue& value : loaded->values) {
    printed.flags.push_back({value.name, value.value, "--set"});
  }
  const auto again = LoadOptions(printed);
  PROMISE(again.ok());
  for (size_t i = 0; i < loaded->values.size(); ++i) {
    PROMISE(again->values[i].value == loaded->values[i].value);
  }
}

}  // namespace gradmatch
