#ifndef GRADMATCH_TOOLS_GRADMATCH_COMMAND_TREE_H_
#define GRADMATCH_TOOLS_GRADMATCH_COMMAND_TREE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gradmatch {

// An option, a flag or a positional word of a command, as it was described.
struct OptionWords {
  // The values it takes; both empty when any will do.
  struct Taken {
    std::vector<std::string> words;
    std::optional<std::pair<int64_t, int64_t>> bounds;  // least, most
  };

  std::string name;  // "--limit"; of a positional word its name, such as "run"
  bool positional = false;
  bool flag = false;  // takes no value
  bool required = false;
  bool repeats = false;
  std::string help;
  std::string default_value;  // empty: none is shown
  std::string variable;       // of the environment, that sets it; empty: none
  Taken taken;
};

// The program (path "") or a command ("push plan apply") with the commands
// below it. Commands that have none below them are those that do something.
struct CommandTree {
  std::string path;
  std::string help;
  std::vector<OptionWords> options;  // positional words in their order
  std::vector<CommandTree> commands;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_COMMAND_TREE_H_
