#include "tools/gradmatch/contexts.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "index/base/strings.h"
#include "index/file_system.h"
#include "server/yaml.h"

namespace gradmatch {
namespace {

// Key in the file and where it belongs.
std::vector<std::pair<const char*, std::string*>> FieldsOf(Context& context) {
  return {{"endpoint", &context.endpoint},
          {"tls_ca", &context.files.tls_ca},
          {"tls_cert", &context.files.tls_cert},
          {"tls_key", &context.files.tls_key},
          {"tls_server_name", &context.files.tls_server_name},
          {"token_file", &context.files.token_file}};
}

absl::Status AtLine(const YamlNode& node, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("line ", node.line, ": ", A(why)));
}

absl::StatusOr<Context> ParseContext(const std::string& name,
                                     const YamlNode& node) {
  if (!IsContextName(name)) {
    return AtLine(node, absl::StrCat("\"", name, "\" is no name of a context"));
  }
  Context context;
  context.name = name;
  for (const auto& [key, value] : node.entries) {
    bool known = false;
    for (const auto& [field, to] : FieldsOf(context)) {
      if (key != field) continue;
      known = true;
      *to = value.scalar;
    }
    if (!known) return AtLine(value, absl::StrCat("there is no setting ", key));
  }
  if (context.endpoint.empty()) return AtLine(node, "endpoint is missing");
  return context;
}

// Between double quotes, as YAML reads it back.
std::string Quoted(const std::string& text) {
  return absl::StrCat(
      "\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

}  // namespace

const Context* Contexts::Find(std::string_view name) const {
  const auto at = std::find_if(
      all.begin(), all.end(), [&](const Context& c) { return c.name == name; });
  return at == all.end() ? nullptr : &*at;
}

bool IsContextName(std::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         std::isalnum(static_cast<unsigned char>(name[0])) != 0 &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
         });
}

absl::StatusOr<Contexts> ParseContexts(std::string_view yaml) {
  const auto root = ParseYaml(yaml);
  if (!root.ok()) return root.status();
  Contexts contexts;
  for (const auto& [key, value] : root->entries) {
    if (key == "current") {
      contexts.current = value.scalar;
    } else if (key != "contexts") {
      return AtLine(value, absl::StrCat("there is no setting ", key));
    }
  }
  if (const YamlNode* all = root->Find("contexts")) {
    for (const auto& [name, node] : all->entries) {
      auto context = ParseContext(name, node);
      if (!context.ok()) return context.status();
      contexts.all.push_back(*std::move(context));
    }
  }
  return contexts;
}

std::string PrintContexts(const Contexts& contexts) {
  std::string out = absl::StrCat("current: ", Quoted(contexts.current), "\n");
  if (!contexts.all.empty()) out += "contexts:\n";
  for (Context context : contexts.all) {
    absl::StrAppend(&out, "  ", Quoted(context.name), ":\n");
    for (const auto& [field, value] : FieldsOf(context)) {
      if (value->empty()) continue;
      absl::StrAppend(&out, "    ", field, ": ", Quoted(*value), "\n");
    }
  }
  return out;
}

absl::Status ApplyContext(const Contexts& contexts, GlobalOptions& options) {
  const bool named = !options.context.empty();
  const std::string& name = named ? options.context : contexts.current;
  if (name.empty()) return absl::OkStatus();
  const Context* context = contexts.Find(name);
  if (context == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("there is no context ", name,
                     "; `gradmatch context ls` lists all, `gradmatch context "
                     "add` makes one"));
  }
  if (options.endpoint.empty()) options.endpoint = context->endpoint;
  if (!named && options.endpoint != context->endpoint) return absl::OkStatus();
  Context given;
  given.files = options.files;
  Context from = *context;
  const auto fields = FieldsOf(given);
  const auto values = FieldsOf(from);
  for (size_t i = 1; i < fields.size(); ++i) {
    if (fields[i].second->empty()) *fields[i].second = *values[i].second;
  }
  options.files = given.files;
  return absl::OkStatus();
}

std::string ContextsPath() {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  if (config != nullptr && config[0] == '/') {
    return absl::StrCat(config, "/gradmatch/contexts.yaml");
  }
  const char* home = std::getenv("HOME");
  return absl::StrCat(home == nullptr ? "." : home,
                      "/.config/gradmatch/contexts.yaml");
}

absl::StatusOr<Contexts> ReadContexts(const std::string& path) {
  if (!FileExists(path)) return Contexts();
  const auto text = ReadTextFile(path);
  if (!text.ok()) return text.status();
  auto contexts = ParseContexts(*text);
  if (contexts.ok()) return contexts;
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": ", contexts.status().message()));
}

absl::Status WriteContexts(const std::string& path, const Contexts& contexts) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(),
                                      error);
  if (error) {
    return absl::PermissionDeniedError(absl::StrCat(
        "cannot make the folder of ", path, ": ", error.message()));
  }
  return WriteFileDurably(path, PrintContexts(contexts), 0600);
}

}  // namespace gradmatch
