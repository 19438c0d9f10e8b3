#include <cstdio>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/reflection.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "index/base/strings.h"
#include "server/daemon_flags.h"
#include "server/server.h"

ABSL_FLAG(std::string, config, "", gradmatch::kConfigHelp);
ABSL_FLAG(std::string, data_dir, "", gradmatch::kDataDirHelp);
ABSL_FLAG(std::vector<std::string>, set, {}, gradmatch::kSetHelp);

namespace gradmatch {
namespace {

constexpr int kUsage = 64;
constexpr int kBadConfig = 78;

int Complain(int code, absl::string_view message) {
  std::fprintf(stderr, "gradmatchd: %s\n", std::string(message).c_str());
  return code;
}

// The first flag there is not, as written; empty if there is none. Abseil would
// end the program with 1, which says nothing to a wrapper.
std::string UnknownFlag(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const absl::string_view word = argv[i];
    if (word == "--") break;
    if (word.size() < 2 || word[0] != '-') continue;
    absl::string_view name = word.substr(word[1] == '-' ? 2 : 1);
    name = name.substr(0, name.find('='));
    // Abseil's own, which its registry does not have.
    if (name == "version" || absl::StartsWith(name, "help")) continue;
    if (absl::FindCommandLineFlag(name) == nullptr) return argv[i];
  }
  return "";
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
      absl::StrCat("the GradMatch server.\n"
                   "  gradmatchd --data_dir=/var/lib/gradmatch\n",
                   gradmatch::kSignalsHelp));
  absl::FlagsUsageConfig usage;
  usage.version_string = [] {
    return absl::StrCat("gradmatchd ", gradmatch::A(gradmatch::ServerVersion()),
                        "\n");
  };
  // By default only flags of a file named like the program are shown: none.
  usage.contains_help_flags = [](absl::string_view file) {
    return absl::EndsWith(file, "server/main.cc");
  };
  absl::SetFlagsUsageConfig(usage);
  const std::string unknown = gradmatch::UnknownFlag(argc, argv);
  if (!unknown.empty()) {
    return gradmatch::Complain(
        gradmatch::kUsage,
        absl::StrCat("there is no flag ", unknown, "; --help shows all"));
  }
  // A folder without its flag must not start a server on another one.
  const std::vector<char*> words = absl::ParseCommandLine(argc, argv);
  if (words.size() > 1) {
    return gradmatch::Complain(
        gradmatch::kUsage, absl::StrCat("'", words[1],
                                        "' belongs to no flag; --help shows "
                                        "all, such as --data_dir"));
  }
  return gradmatch::Main();
}
