#ifndef GRADMATCH_TOOLS_GRADMATCH_CONTEXTS_H_
#define GRADMATCH_TOOLS_GRADMATCH_CONTEXTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/gradmatch/client.h"

namespace gradmatch {

// Servers that an operator works with, each under a name, in
// ~/.config/gradmatch/contexts.yaml (or below $XDG_CONFIG_HOME):
//
//   current: trial
//   contexts:
//     trial:
//       endpoint: 127.0.0.1:50051
//       tls_ca: /etc/gradmatch/ca.pem
//
// Secrets are named by their files and never stand in it.
struct Context {
  std::string name;
  std::string endpoint;
  ConnectionFiles files;
};
struct Contexts {
  std::string current;  // empty: none
  std::vector<Context> all;

  const Context* Find(std::string_view name) const;
};

// Pure. InvalidArgument with the line.
absl::StatusOr<Contexts> ParseContexts(std::string_view yaml);
std::string PrintContexts(const Contexts& contexts);
// [A-Za-z0-9][A-Za-z0-9._-]{0,63}
bool IsContextName(std::string_view name);

// Fills what neither flags nor environment have set: from the context that
// options.context names, else from the current one, which counts only while
// options.endpoint is empty or its own: its token is for nobody else. Pure.
// InvalidArgument when there is no context of that name.
absl::Status ApplyContext(const Contexts& contexts, GlobalOptions& options);

// The file of this user; empty contexts when it is not there.
std::string ContextsPath();
absl::StatusOr<Contexts> ReadContexts(const std::string& path);
absl::Status WriteContexts(const std::string& path, const Contexts& contexts);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_CONTEXTS_H_
