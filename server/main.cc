#include <cstdio>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "index/base/strings.h"
#include "server/server.h"

ABSL_FLAG(std::string, config, "", "Configuration file (YAML).");
ABSL_FLAG(std::string, data_dir, "",
          "Folder of the data; short for --set=storage.data_dir=...");
ABSL_FLAG(std::vector<std::string>, set, {},
          "Options as name=value, separated by commas; they win over the "
          "environment (GRADMATCH__SERVER__GRPC_LISTEN) and the file.");

namespace gradmatch {
namespace {

constexpr int kUsage = 64;
constexpr int kBadConfig = 78;

int Complain(int code, absl::string_view message) {
  std::fprintf(stderr, "gradmatchd: %s\n", std::string(message).c_str());
  return code;
}

int Main() {
  absl::StatusOr<OptionSources> sources =
      ReadOptionSources(absl::GetFlag(FLAGS_config));
  if (!sources.ok()) return Complain(kBadConfig, sources.status().message());
  if (const std::string folder = absl::GetFlag(FLAGS_data_dir);
      !folder.empty()) {
    sources->flags.push_back({"storage.data_dir", folder, "--data_dir"});
  }
  for (const std::string& setting : absl::GetFlag(FLAGS_set)) {
    const std::vector<std::string> parts =
        absl::StrSplit(setting, absl::MaxSplits('=', 1));
    if (parts.size() != 2) {
      return Complain(
          kUsage, absl::StrCat("--set ", setting, ": write it as name=value"));
    }
    sources->flags.push_back({parts[0], parts[1], "--set"});
  }
  absl::StatusOr<LoadedOptions> options = LoadOptions(*sources);
  if (!options.ok()) return Complain(kBadConfig, options.status().message());
  return RunServer(*std::move(options));
}

}  // namespace
}  // namespace gradmatch

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage(
      "gradmatchd: the GradMatch server.\n"
      "  gradmatchd --data_dir=/var/lib/gradmatch\n"
      "SIGTERM ends it when calls under way are done; a second one at once.");
  absl::FlagsUsageConfig usage;
  usage.version_string = [] {
    return absl::StrCat("gradmatchd ", gradmatch::A(gradmatch::ServerVersion()),
                        "\n");
  };
  absl::SetFlagsUsageConfig(usage);
  absl::ParseCommandLine(argc, argv);
  return gradmatch::Main();
}
