#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "server/options.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/exit_code.h"
#include "tools/gradmatch/pages/completion.h"
#include "tools/gradmatch/pages/manual.h"
#include "tools/gradmatch/pages/sample_configuration.h"

namespace gradmatch {
namespace {

constexpr char kVersion[] = GRADMATCH_VERSION;

// The options as they are without a file, a variable or a flag.
std::vector<OptionValue> Defaults() { return LoadOptions({})->values; }

std::string Manual(const CommandLine& line, const std::string& page) {
  if (page == "gradmatchd") return DaemonManual(kVersion);
  if (page == "gradmatch.yaml") {
    return ConfigurationManual(Defaults(), kVersion);
  }
  return CommandManual(line.Tree(), kVersion);
}

}  // namespace

void AddPageCommands(CommandLine& line, const GlobalOptions&) {
  auto what = std::make_shared<std::string>();
  line.Add("config reference",
           "A configuration file with every option and its default", [] {
             std::cout << SampleConfiguration(Defaults(), kVersion);
             return kExitOk;
           });
  line.Add("completion",
           "A script for the shell: source <(gradmatch completion bash)",
           [&line, what] {
             std::cout << (*what == "zsh" ? ZshCompletion(line.Tree())
                                          : BashCompletion(line.Tree()));
             return kExitOk;
           })
      .Positional("shell", what.get(), "Whose completion")
      .OneOf({"bash", "zsh"});
  line.Add("manual", "A manual page: gradmatch manual gradmatch | man -l -",
           [&line, what] {
             std::cout << Manual(line, *what);
             return kExitOk;
           })
      .Positional("page", what.get(), "Which page")
      .OneOf({"gradmatch", "gradmatchd", "gradmatch.yaml"});
}

}  // namespace gradmatch
