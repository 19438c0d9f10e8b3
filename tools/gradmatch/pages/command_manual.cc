// gradmatch(1).

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/gradmatch/exit_code.h"
#include "tools/gradmatch/pages/manual.h"
#include "tools/gradmatch/pages/roff.h"

namespace gradmatch {
namespace {

// What stands after the name: the words it takes, or VALUE.
std::string ValueOf(const OptionWords& option) {
  if (option.positional || option.flag) return "";
  if (!option.taken.words.empty()) {
    return absl::StrJoin(option.taken.words, "|");
  }
  return option.taken.bounds.has_value() ? "NUMBER" : "VALUE";
}

std::string AboutOption(const OptionWords& option) {
  std::string text = option.help;
  if (!text.empty() && !absl::ascii_ispunct(text.back())) text += '.';
  if (option.positional && !option.taken.words.empty()) {
    absl::StrAppend(&text, " One of ", absl::StrJoin(option.taken.words, ", "),
                    ".");
  }
  if (option.taken.bounds.has_value()) {
    absl::StrAppend(&text, " A whole number, ", option.taken.bounds->first,
                    " to ", option.taken.bounds->second, ".");
  }
  if (!option.default_value.empty()) {
    absl::StrAppend(&text, " Default: ", option.default_value, ".");
  }
  if (!option.variable.empty()) {
    absl::StrAppend(&text, " Environment: ", option.variable, ".");
  }
  if (option.repeats) absl::StrAppend(&text, " May be given more than once.");
  if (option.required && !option.positional)
    absl::StrAppend(&text, " Required.");
  return text;
}

void AddOptions(const CommandTree& command, RoffPage& page) {
  for (const bool positional : {true, false}) {
    for (const OptionWords& option : command.options) {
      // Every command has --help and --help-all; said once, for the program.
      const bool help =
          absl::StartsWith(option.name, "--help") && !command.path.empty();
      if (option.positional == positional && !help) {
        page.Entry(option.name, ValueOf(option), AboutOption(option));
      }
    }
  }
}

void AddCommand(const CommandTree& command, RoffPage& page) {
  if (!command.commands.empty()) {
    for (const CommandTree& below : command.commands) AddCommand(below, page);
    return;
  }
  std::string title = absl::StrCat("gradmatch ", command.path);
  for (const OptionWords& option : command.options) {
    if (!option.positional) continue;
    const std::string word =
        absl::StrCat(option.name, option.repeats ? "..." : "");
    absl::StrAppend(&title, " ",
                    option.required ? word : absl::StrCat("[", word, "]"));
  }
  page.Subsection(title);
  page.Text(absl::StrCat(command.help, "."));
  AddOptions(command, page);
}

void AddVariables(const CommandTree& command, RoffPage& page) {
  for (const OptionWords& option : command.options) {
    if (option.variable.empty()) continue;
    page.Entry(option.variable, "",
               absl::StrCat("Stands for ", option.name,
                            " where that is not given: ", option.help, "."));
  }
  for (const CommandTree& below : command.commands) AddVariables(below, page);
}

}  // namespace

const std::vector<ManualExample>& ManualExamples() {
  static const auto& examples = *new std::vector<ManualExample>{
      {"Try everything on made-up data, without a server of one's own:",
       "gradmatch demo"},
      {"Is the machine well, and what does the server do:",
       "gradmatch check --config /etc/gradmatch/gradmatch.yaml\n"
       "gradmatch status --wait 60"},
      {"Take a file of postings from a source; first look what would become "
       "of its rows:",
       "gradmatch source add hubei --kind region --province 42\n"
       "gradmatch posting import jobs.csv --source hubei --mapping hubei.yaml "
       "--dry-run\n"
       "gradmatch posting import jobs.csv --source hubei --mapping hubei.yaml "
       "--report report.csv"},
      {"Recommend, with reasons:",
       "gradmatch graduate import graduates.jsonl\n"
       "gradmatch match g-0001 --top 5 --why"},
      {"Decide each night who is told about what:",
       "gradmatch push plan apply nightly --slots 5 --applicants-per-opening "
       "30\n"
       "gradmatch push run nightly --id 2026-11-22-nightly --wait"},
      {"Let hardship and disability be taken, sealed; the key file is the "
       "service's credential after a restart (gradmatchd(8)):",
       "gradmatch seal-key new /etc/gradmatch/credentials/seal_keys"},
  };
  return examples;
}

std::string CommandManual(const CommandTree& program,
                          const std::string& version) {
  RoffPage page("gradmatch", 1, absl::StrCat("gradmatch ", version));
  page.Section("NAME");
  page.Text("gradmatch - command line of the GradMatch matching service");
  page.Section("SYNOPSIS");
  page.Text("gradmatch [OPTION...] COMMAND [WORD...] [OPTION...]");
  page.Section("DESCRIPTION");
  page.Text(program.help);
  page.Text(
      "Answers go to standard output, talk and errors to standard error. The "
      "options of the next section may stand anywhere.");
  page.Section("OPTIONS");
  AddOptions(program, page);
  page.Section("COMMANDS");
  for (const CommandTree& command : program.commands) AddCommand(command, page);
  page.Section("EXAMPLES");
  for (const ManualExample& example : ManualExamples()) {
    page.Example(example.says, example.lines);
  }
  page.Section("EXIT STATUS");
  for (const auto& [code, meaning] : kExitCodes) {
    page.Entry(absl::StrCat(code), "", meaning);
  }
  page.Section("ENVIRONMENT");
  AddVariables(program, page);
  page.Section("SEE ALSO");
  page.Text("gradmatchd(8), gradmatch.yaml(5)");
  return std::move(page).Take();
}

}  // namespace gradmatch
