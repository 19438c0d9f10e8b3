#include "tools/gradmatch/command_line.h"

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <sstream>
#include <utility>

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
  return *this;
}

Command& Command::Env(const std::string& variable) {
  last_->envname(variable);
  return *this;
}

CommandLine::CommandLine(const std::string& name,
                         const std::string& description)
    : app_(std::make_unique<CLI::App>(description, name)) {
  app_->require_subcommand(1);
  app_->set_help_all_flag("--help-all", "Help of all commands");
}

CommandLine::~CommandLine() = default;

Command CommandLine::Global() { return Command(app_.get()); }

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
  return Command(app);
}

void CommandLine::Describe(const std::string& path, const std::string& help) {
  CLI::App* app = Find(path);
  app->description(help);
  app->require_subcommand(1);
}

int CommandLine::Run(int argc, char** argv) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = app_->exit(e, std::cout, std::cerr);
    return code == 0 ? kExitOk : kExitUsage;
  } catch (const std::exception& e) {
    std::cerr << "gradmatch: " << e.what() << "\n";
    return kExitInternal;
  }
  if (chosen_) return chosen_();
  // A group of commands without a command.
  std::cerr << app_->help();
  return kExitUsage;
}

}  // namespace gradmatch
