#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/connection.h"
#include "tools/gradmatch/contexts.h"
#include "tools/gradmatch/json_object.h"
#include "tools/gradmatch/terminal.h"

namespace gradmatch {
namespace {

int Refuse(const std::string& why) {
  std::cerr << "gradmatch: " << why << "\n";
  return kExitConfig;
}

// Changes the contexts by `change`, which gives what is wrong, else "".
template <typename Change>
int Edit(const GlobalOptions& options, const std::string& done, Change change) {
  const std::string path = ContextsPath();
  auto contexts = ReadContexts(path);
  if (!contexts.ok()) return Refuse(std::string(contexts.status().message()));
  const std::string wrong = change(*contexts);
  if (!wrong.empty()) return Refuse(wrong);
  const absl::Status written = WriteContexts(path, *contexts);
  if (!written.ok()) {
    std::cerr << "gradmatch: " << written.message() << "\n";
    return kExitCannotWrite;
  }
  if (!options.quiet) std::cerr << done << " (" << path << ")\n";
  return kExitOk;
}

std::string Unknown(const std::string& name) {
  return absl::StrCat("there is no context ", name,
                      "; `gradmatch context ls` lists all");
}

// The command may run in another folder next time.
std::string Absolute(const std::string& path) {
  return path.empty() || path == "system"
             ? path
             : std::filesystem::absolute(path).lexically_normal().string();
}

int Add(const GlobalOptions& options, const std::string& name) {
  if (!IsContextName(name)) {
    return Refuse(
        "a context's name is 1 to 64 of letters, digits, '.', '_' "
        "and '-', and begins with a letter or digit");
  }
  Context context;
  context.name = name;
  context.endpoint = options.endpoint;
  if (context.endpoint.empty())
    return Refuse("--endpoint HOST:PORT is missing");
  const ConnectionFiles& given = options.files;
  context.files = {.tls_ca = Absolute(given.tls_ca),
                   .tls_cert = Absolute(given.tls_cert),
                   .tls_key = Absolute(given.tls_key),
                   .tls_server_name = given.tls_server_name,
                   .token_file = Absolute(given.token_file)};
  // Now, and not at the first use.
  GlobalOptions tried;
  tried.endpoint = context.endpoint;
  tried.files = context.files;
  const absl::Status usable = ReadConnectionFiles(tried);
  if (!usable.ok()) return Refuse(std::string(usable.message()));
  return Edit(options, "context " + name + " is there",
              [&](Contexts& contexts) {
                std::erase_if(contexts.all,
                              [&](const Context& c) { return c.name == name; });
                contexts.all.push_back(context);
                if (contexts.current.empty()) contexts.current = name;
                return std::string();
              });
}

int Use(const GlobalOptions& options, const std::string& name) {
  return Edit(options, "context " + name + " is the current one",
              [&](Contexts& contexts) {
                if (contexts.Find(name) == nullptr) return Unknown(name);
                contexts.current = name;
                return std::string();
              });
}

int Remove(const GlobalOptions& options, const std::string& name) {
  return Edit(options, "context " + name + " is no longer there",
              [&](Contexts& contexts) {
                if (contexts.Find(name) == nullptr) return Unknown(name);
                std::erase_if(contexts.all,
                              [&](const Context& c) { return c.name == name; });
                if (contexts.current == name) contexts.current.clear();
                return std::string();
              });
}

int List(const GlobalOptions& options) {
  const auto contexts = ReadContexts(ContextsPath());
  if (!contexts.ok()) return Refuse(std::string(contexts.status().message()));
  Table table({"", "name", "endpoint", "tls-ca", "certificate", "token"});
  bool first = true;
  if (options.output == "json") std::cout << "[";
  for (const Context& context : contexts->all) {
    const bool current = context.name == contexts->current;
    if (options.output == "table") {
      table.Add({current ? "*" : "", context.name, context.endpoint,
                 context.files.tls_ca, context.files.tls_cert,
                 context.files.token_file});
      continue;
    }
    JsonObject object;
    object.Add("name", context.name);
    object.Add("current", current ? "true" : "false");
    object.Add("endpoint", context.endpoint);
    object.Add("tls_ca", context.files.tls_ca);
    object.Add("tls_cert", context.files.tls_cert);
    object.Add("token_file", context.files.token_file);
    if (options.output == "json") std::cout << (first ? "\n" : ",\n");
    std::cout << object.ToString() << (options.output == "json" ? "" : "\n");
    first = false;
  }
  if (options.output == "json") std::cout << "\n]\n";
  if (options.output == "table") std::cout << table.ToString();
  return kExitOk;
}

}  // namespace

void AddContextCommands(CommandLine& line, const GlobalOptions& options) {
  line.Describe("context", "Servers by name, with what it takes to call them");
  auto name = std::make_shared<std::string>();
  line.Add("context add",
           "Keeps --endpoint, --tls-* and --token-file under a name; the first "
           "is the current one",
           [&options, name] { return Add(options, *name); })
      .Positional("name", name.get(), "Name of the context")
      .Offline();
  line.Add("context use", "Makes it the one that commands talk to",
           [&options, name] { return Use(options, *name); })
      .Positional("name", name.get(), "Name of the context")
      .Offline();
  line.Add("context ls", "All, the current one marked",
           [&options] { return List(options); })
      .Offline();
  line.Add("context rm", "Forgets it; its files stay",
           [&options, name] { return Remove(options, *name); })
      .Positional("name", name.get(), "Name of the context")
      .Offline();
}

}  // namespace gradmatch
