#ifndef GRADMATCH_TOOLS_GRADMATCH_COMMAND_LINE_H_
#define GRADMATCH_TOOLS_GRADMATCH_COMMAND_LINE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tools/gradmatch/command_tree.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace gradmatch {

// The most that --limit may ask for: all there is.
inline constexpr int64_t kMostItems = 1'000'000'000'000;
// What fields of 32 bits hold.
inline constexpr int64_t kMostInt32 = 2'147'483'647;

// What the options added so far take, for CommandLine::Tree.
using TakenValues = std::map<const CLI::Option*, OptionWords::Taken>;

// One command, described word by word. The pointers are filled when the
// command line is read and must outlive that; what they hold before is the
// default that --help shows.
class Command {
 public:
  // `taken` and `offline` are kept with the command line and outlive this.
  Command(CLI::App* app, TakenValues* taken, bool* offline = nullptr)
      : app_(app), taken_(taken), offline_(offline) {}

  Command& Positional(const std::string& name, std::string* value,
                      const std::string& help);
  Command& OptionalPositional(const std::string& name, std::string* value,
                              const std::string& help);
  Command& Positionals(const std::string& name,
                       std::vector<std::string>* values,
                       const std::string& help);
  Command& Option(const std::string& name, std::string* value,
                  const std::string& help);
  Command& Option(const std::string& name, int64_t* value,
                  const std::string& help);
  Command& Option(const std::string& name, double* value,
                  const std::string& help);
  Command& Option(const std::string& name, std::vector<std::string>* values,
                  const std::string& help);
  Command& Flag(const std::string& name, bool* value, const std::string& help);

  // About the option added last.
  Command& Required();
  Command& OneOf(const std::vector<std::string>& allowed);
  // Of a whole number. Without it a number that the API's 32 bits do not hold
  // would become another one.
  Command& Range(int64_t least, int64_t most);
  Command& Env(const std::string& variable);
  // The command calls no server (CommandLine::BeforeCalls).
  Command& Offline();

 private:
  CLI::App* app_;
  TakenValues* taken_;
  CLI::Option* last_ = nullptr;
  bool* offline_;  // the command line's
};

// A program with commands such as "push plan apply". Reads the words, prints
// help, and runs the command's function. Wraps CLI11.
class CommandLine {
 public:
  CommandLine(const std::string& name, const std::string& description);
  ~CommandLine();

  // Options that may stand anywhere.
  Command Global();
  // `path` is the words of the command; groups in front are made as needed.
  // `run` returns the exit code.
  Command Add(const std::string& path, const std::string& help,
              std::function<int()> run);
  // Runs before a command that is not Offline; an exit code other than 0 stands
  // for the command's.
  void BeforeCalls(std::function<int()> prepare);
  // Help of a group of commands.
  void Describe(const std::string& path, const std::string& help);

  // --version prints `text`.
  void Version(const std::string& text);

  // All that has been described so far, for manual pages and completion.
  CommandTree Tree() const;

  // Exit code of the command; 64 when the words are wrong, after saying how;
  // 73 when what it printed did not get out.
  int Run(int argc, char** argv);

 private:
  CLI::App* Find(const std::string& path);
  // Says which word is no command, if that is what is wrong.
  bool SayUnknownCommand() const;
  int RunChosen() const;

  std::unique_ptr<CLI::App> app_;
  TakenValues taken_;
  std::function<int()> chosen_;
  bool* chosen_offline_ = nullptr;
  std::function<int()> before_calls_;
  std::vector<std::unique_ptr<bool>> offline_;  // one a command
};

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_COMMAND_LINE_H_
