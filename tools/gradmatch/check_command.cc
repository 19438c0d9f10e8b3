#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "gradmatch/v1/admin_service.grpc.pb.h"
#include "index/codes/code_table.h"
#include "index/dot_product.h"
#include "index/format.h"
#include "server/descriptors.h"
#include "server/options.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/json_object.h"
#include "tools/gradmatch/terminal.h"

namespace gradmatch {
namespace {

struct Arguments {
  std::string config;
  std::string data_dir;
};

enum class Verdict { kPass, kWarn, kFail };

// One named check: what was found, and what to do when it is not well.
struct Finding {
  std::string name;
  Verdict verdict = Verdict::kPass;
  std::string found;
  std::string advice;
};

constexpr int64_t kLeastFreeMiB = 2'048;

Finding CheckConfig(const Arguments& arguments, Options& options) {
  auto sources = ReadOptionSources(arguments.config);
  if (sources.ok() && !arguments.data_dir.empty()) {
    sources->flags.push_back(
        {"storage.data_dir", arguments.data_dir, "--data-dir"});
  }
  const absl::StatusOr<LoadedOptions> loaded =
      sources.ok() ? LoadOptions(*sources)
                   : absl::StatusOr<LoadedOptions>(sources.status());
  if (!loaded.ok()) {
    return {"config", Verdict::kFail, std::string(loaded.status().message()),
            "correct it and run this check again"};
  }
  options = loaded->options;
  int changed = 0;
  for (const OptionValue& value : loaded->values) {
    changed += value.origin != OptionOrigin::kDefault;
  }
  return {"config", Verdict::kPass,
          absl::StrCat(loaded->values.size(), " options, ", changed,
                       " not the default"),
          ""};
}

Finding CheckFolder(const Options& options) {
  const std::string& folder = options.storage.data_dir;
  const auto format =
      OpenFormat(folder, /*create_if_empty=*/false, "check", absl::Now());
  if (absl::IsNotFound(format.status())) {
    return {"data folder", Verdict::kWarn,
            absl::StrCat(folder, " is not there yet"),
            "the server makes it at its first start"};
  }
  if (!format.ok()) {
    return {"data folder", Verdict::kFail,
            std::string(format.status().message()),
            "point --data-dir at a folder of this version"};
  }
  if (access(folder.c_str(), W_OK) != 0) {
    return {"data folder", Verdict::kFail, folder + " cannot be written",
            "give it to the user that runs the server"};
  }
  return {"data folder", Verdict::kPass,
          absl::StrCat(folder, ", format ", format->format.format_version), ""};
}

Finding CheckDisk(const Options& options) {
  std::filesystem::path at =
      std::filesystem::absolute(options.storage.data_dir);
  std::error_code error;
  while (!std::filesystem::exists(at, error) && at.has_relative_path()) {
    at = at.parent_path();
  }
  struct statvfs disk;
  if (statvfs(at.c_str(), &disk) != 0) {
    return {"disk", Verdict::kWarn, "cannot be asked", "look with df -h"};
  }
  const int64_t free_mib =
      static_cast<int64_t>(disk.f_bavail) * disk.f_frsize >> 20;
  const std::string found = absl::StrCat(Grouped(free_mib), " MiB free");
  if (free_mib < kLeastFreeMiB) {
    return {"disk", Verdict::kFail, found,
            absl::StrCat("at least ", Grouped(kLeastFreeMiB),
                         " MiB are wanted: make room")};
  }
  return {"disk", Verdict::kPass, found, ""};
}

// The server raises its limit as far as it may.
Finding CheckFiles(const Options& options) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  const DescriptorWants wants = {options.storage.max_open_files,
                                 options.server.http_connections,
                                 options.server.grpc_connections};
  const int64_t wanted = DescriptorsFor(wants);
  const auto most =
      static_cast<int64_t>(std::min<rlim_t>(limit.rlim_max, 1'000'000'000));
  const std::string found = absl::StrCat("limit ", most, ", wanted ", wanted);
  const DescriptorPlan plan = PlanDescriptors(most, wants);
  if (plan.cut) {
    return {"open files", Verdict::kWarn, found,
            absl::StrCat("raise it: LimitNOFILE=", wanted,
                         " in the unit, or ulimit -Hn; with this limit the "
                         "server takes ",
                         plan.grpc_connections, " gRPC and ",
                         plan.http_connections, " HTTP connections")};
  }
  if (options.server.grpc_connections == 0) {
    return {"open files", Verdict::kWarn, found,
            "server.grpc_connections=0 sets no limit: when descriptors run "
            "out the gRPC listener dies and only the watchdog restarts it"};
  }
  return {"open files", Verdict::kPass, found, ""};
}

Finding CheckClock() {
  const absl::Time now = absl::Now();
  const std::string found = absl::FormatTime(now);
  if (now < absl::FromCivil(absl::CivilDay(2024, 1, 1), absl::UTCTimeZone())) {
    return {"clock", Verdict::kFail, found,
            "set the clock: expiry and retention follow it"};
  }
  return {"clock", Verdict::kPass, found, ""};
}

Finding CheckCodes() {
  size_t codes = 0;
  for (std::string_view system : CodeTable::BuiltInSystems()) {
    codes += CodeTable::BuiltIn(system)->entries().size();
  }
  return {"code tables", Verdict::kPass,
          absl::StrCat(CodeTable::BuiltInSystems().size(), " systems, ",
                       Grouped(static_cast<int64_t>(codes)), " codes"),
          ""};
}

Finding CheckProcessor() {
  const std::string_view kernel = DotProductKernels().front().name;
  const std::string found =
      absl::StrCat(std::thread::hardware_concurrency(),
                   " cores, vector kernel ", std::string(kernel));
  if (DotProductKernels().size() == 1) {
    return {"processor", Verdict::kWarn, found,
            "without AVX2 searches are several times slower"};
  }
  return {"processor", Verdict::kPass, found, ""};
}

Finding CheckServer(const GlobalOptions& global) {
  v1::ServerInfo info;
  const absl::Status status = Client(global).Call<v1::AdminService>(
      &v1::AdminService::Stub::GetServerInfo, v1::GetServerInfoRequest(), info);
  if (!status.ok()) {
    return {"server", Verdict::kWarn,
            absl::StrCat("nobody answers at ", global.endpoint),
            "start one: gradmatch serve --data-dir DIR"};
  }
  const std::string found =
      absl::StrCat(global.endpoint, ", version ", info.version(), ", ",
                   v1::ServerInfo::State_Name(info.state()).substr(6));
  if (info.state() != v1::ServerInfo::STATE_SERVING) {
    return {"server", Verdict::kWarn, found, "gradmatch status --wait 60"};
  }
  if (info.writes_blocked()) {
    return {"server", Verdict::kFail,
            absl::StrFormat("%s, takes no new data: disk %.1f %% full, %s MiB "
                            "free",
                            found, info.disk_used_percent(),
                            Grouped(info.disk_free_bytes() >> 20)),
            "make room; it takes data again by itself below "
            "storage.allow_writes_at_percent"};
  }
  return {"server", Verdict::kPass, found, ""};
}

const char* VerdictWord(Verdict verdict) {
  constexpr const char* kWords[] = {"PASS", "WARN", "FAIL"};
  return kWords[static_cast<int>(verdict)];
}

void PrintFindings(const std::vector<Finding>& findings) {
  Table table({"", "check", "found"});
  for (const Finding& finding : findings) {
    table.Add({VerdictWord(finding.verdict), finding.name, finding.found});
    if (!finding.advice.empty()) table.AddNote(finding.advice);
  }
  std::cout << table.ToString();
}

void PrintFindingsAsJson(const std::vector<Finding>& findings, bool array) {
  for (size_t i = 0; i < findings.size(); ++i) {
    JsonObject object;
    object.Add("check", findings[i].name);
    object.Add("verdict", VerdictWord(findings[i].verdict));
    object.Add("found", findings[i].found);
    object.Add("advice", findings[i].advice);
    std::cout << (!array   ? ""
                  : i == 0 ? "[\n"
                           : ",\n")
              << object.ToString() << (array ? "" : "\n");
  }
  if (array) std::cout << "\n]\n";
}

int Check(const GlobalOptions& global, const Arguments& arguments) {
  Options options;
  std::vector<Finding> findings = {CheckConfig(arguments, options)};
  for (Finding finding :
       {CheckFolder(options), CheckDisk(options), CheckFiles(options),
        CheckClock(), CheckCodes(), CheckProcessor(), CheckServer(global)}) {
    findings.push_back(std::move(finding));
  }
  if (global.output == "table") {
    PrintFindings(findings);
  } else {
    PrintFindingsAsJson(findings, global.output == "json");
  }
  const bool failed =
      std::any_of(findings.begin(), findings.end(),
                  [](const Finding& f) { return f.verdict == Verdict::kFail; });
  return failed ? kExitConfig : kExitOk;
}

}  // namespace

void AddCheckCommand(CommandLine& line, const GlobalOptions& options) {
  auto a = std::make_shared<Arguments>();
  line.Add("check", "Looks whether this machine and its settings are well",
           [&options, a] { return Check(options, *a); })
      .Option("--config", &a->config, "Configuration file, YAML")
      .Option("--data-dir", &a->data_dir, "Data folder");
}

}  // namespace gradmatch
