#ifndef GRADMATCH_TOOLS_GRADMATCH_PAGES_MANUAL_H_
#define GRADMATCH_TOOLS_GRADMATCH_PAGES_MANUAL_H_

#include <string>
#include <vector>

#include "server/options.h"
#include "tools/gradmatch/command_tree.h"

namespace gradmatch {

// The manual pages in roff, from the same tables as --help and `config show`.
// `version` is the program's, such as 0.1.0.

// gradmatch(1): every command with its options.
std::string CommandManual(const CommandTree& program,
                          const std::string& version);
// gradmatchd(8): flags, signals, exit codes, files.
std::string DaemonManual(const std::string& version);
// gradmatch.yaml(5): every option of the server.
std::string ConfigurationManual(const std::vector<OptionValue>& values,
                                const std::string& version);

// The examples of gradmatch(1); each line is a command of `gradmatch`.
struct ManualExample {
  const char* says;
  const char* lines;
};
const std::vector<ManualExample>& ManualExamples();

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_PAGES_MANUAL_H_
