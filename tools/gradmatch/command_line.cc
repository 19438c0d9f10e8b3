#include "tools/gradmatch/command_line.h"

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <sstream>
#include <string_view>
#include <utility>

#include "server/feed/nearest_word.h"
#include "tools/gradmatch/exit_code.h"

namespace gradmatch {

Command& Command::Positional(const std::string& name, std::string* value,
                             const std::string& help) {
  last_ = app_->add_option(name, *value, help)->required();
  return *this;
}

Command& Command::OptionalPositional(const std::string& name,
                                     std::string* value,
                                     const std::string& help) {
  last_ = app_->add_option(name, *value, help);
  return *this;
}

Command& Command::Positionals(const std::string& name,
                              std::vector<std::string>* values,
                              const std::string& help) {
  last_ = app_->add_option(name, *values, help)->required();
  return *this;
}

Command& Command::Option(const std::string& name, std::string* value,
                         const std::string& help) {
  last_ = app_->add_option(name, *value, help);
  if (!value->empty()) last_->capture_default_str();
  return *this;
}

Command& Command::Option(const std::string& name, int64_t* value,
                         const std::string& help) {
  last_ = app_->add_option(name, *value, help)->capture_default_str();
  return *this;
}

Command& Command::Option(const std::string& name, double* value,
                         const std::string& help) {
  last_ = app_->add_option(name, *value, help)->capture_default_str();
  return *this;
}

Command& Command::Option(const std::string& name,
                         std::vector<std::string>* values,
                         const std::string& help) {
  // One value each time the option is written, so that it never swallows the
  // positional words after it.
  last_ = app_->add_option(name, *values, help)->expected(1)->take_all();
  return *this;
}

Command& Command::Flag(const std::string& name, bool* value,
                       const std::string& help) {
  last_ = app_->add_flag(name, *value, help);
  return *this;
}

Command& Command::Required() {
  last_->required();
  return *this;
}

Command& Command::OneOf(const std::vector<std::string>& allowed) {
  last_->check(CLI::IsMember(allowed));
  (*taken_)[last_].words = allowed;
  return *this;
}

Command& Command::Range(int64_t least, int64_t most) {
  last_->check(CLI::Range(least, most));
  (*taken_)[last_].bounds = {least, most};
  return *this;
}

Command& Command::Env(const std::string& variable) {
  last_->envname(variable);
  return *this;
}

namespace {

OptionWords Described(const CLI::Option& option, const TakenValues& taken) {
  OptionWords words;
  words.positional = option.get_positional();
  words.name = words.positional ? option.get_single_name()
                                : "--" + option.get_lnames().front();
  words.flag = !words.positional && option.get_expected_max() == 0;
  words.required = option.get_required();
  words.repeats =
      option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
  words.help = option.get_description();
  words.default_value = option.get_default_str();
  words.variable = option.get_envname();
  const auto known = taken.find(&option);
  if (known != taken.end()) words.taken = known->second;
  return words;
}

CommandTree Described(const CLI::App& app, const std::string& path,
                      const TakenValues& taken) {
  CommandTree tree;
  tree.path = path;
  tree.help = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    tree.options.push_back(Described(*option, taken));
  }
  for (const CLI::App* command :
       app.get_subcommands([](const CLI::App*) { return true; })) {
    tree.commands.push_back(Described(
        *command,
        path.empty() ? command->get_name() : path + " " + command->get_name(),
        taken));
  }
  return tree;
}

}  // namespace

CommandTree CommandLine::Tree() const { return Described(*app_, "", taken_); }

CommandLine::CommandLine(const std::string& name,
                         const std::string& description)
    : app_(std::make_unique<CLI::App>(description, name)) {
  app_->require_subcommand(1);
  app_->set_help_all_flag("--help-all", "Help of all commands");
}

CommandLine::~CommandLine() = default;

Command CommandLine::Global() { return Command(app_.get(), &taken_); }

CLI::App* CommandLine::Find(const std::string& path) {
  CLI::App* at = app_.get();
  std::istringstream words(path);
  for (std::string word; words >> word;) {
    const std::vector<CLI::App*> known = at->get_subcommands(
        [&word](CLI::App* command) { return command->get_name() == word; });
    CLI::App* next = known.empty() ? nullptr : known.front();
    if (next == nullptr) {
      next = at->add_subcommand(word);
      next->fallthrough();  // global options may follow the command
    }
    at = next;
  }
  return at;
}

Command CommandLine::Add(const std::string& path, const std::string& help,
                         std::function<int()> run) {
  CLI::App* app = Find(path);
  app->description(help);
  app->callback([this, run = std::move(run)] { chosen_ = run; });
  return Command(app, &taken_);
}

void CommandLine::Describe(const std::string& path, const std::string& help) {
  CLI::App* app = Find(path);
  app->description(help);
  app->require_subcommand(1);
}

void CommandLine::Version(const std::string& text) {
  app_->set_version_flag("--version", text);
}

bool CommandLine::SayUnknownCommand() const {
  const std::vector<std::string> extra = app_->remaining(true);
  if (extra.empty() || extra.front().starts_with('-')) return false;
  const CLI::App* group = app_.get();
  while (!group->get_subcommands().empty()) {
    group = group->get_subcommands().front();
  }
  std::vector<std::string_view> names;
  for (const CLI::App* command :
       group->get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  if (names.empty()) return false;
  std::cerr << "gradmatch: there is no command '" << extra.front()
            << "' here; the nearest is '" << NearestWord(extra.front(), names)
            << "', all are:";
  for (const std::string_view name : names) std::cerr << ' ' << name;
  std::cerr << "\n";
  return true;
}

int CommandLine::RunChosen() const {
  int code = kExitInternal;
  try {
    code = prepare_ ? prepare_() : kExitOk;
    if (code == kExitOk) code = chosen_();
  } catch (const std::exception& e) {
    std::cerr << "gradmatch: " << e.what() << "\n";
  }
  std::cout.flush();
  if (std::cout) return code;
  std::cerr << "gradmatch: cannot write to standard output; is the disk full? "
               "What was printed is not complete.\n";
  return kExitCannotWrite;
}

int CommandLine::Run(int argc, char** argv) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::RequiredError& e) {
    if (!SayUnknownCommand()) app_->exit(e, std::cout, std::cerr);
    return kExitUsage;
  } catch (const CLI::ParseError& e) {
    const int code = app_->exit(e, std::cout, std::cerr);
    return code == 0 ? kExitOk : kExitUsage;
  } catch (const std::exception& e) {
    std::cerr << "gradmatch: " << e.what() << "\n";
    return kExitInternal;
  }
  if (chosen_) return RunChosen();
  // A group of commands without a command.
  std::cerr << app_->help();
  return kExitUsage;
}

}  // namespace gradmatch
