#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gradmatch/v1/admin_service.grpc.pb.h"
#include "index/codes/code_table.h"
#include "server/options.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/doctor/machine_checks.h"
#include "tools/gradmatch/doctor/server_checks.h"
#include "tools/gradmatch/doctor/setup_checks.h"
#include "tools/gradmatch/doctor/snapshot_checks.h"
#include "tools/gradmatch/json_object.h"
#include "tools/gradmatch/terminal.h"

namespace gradmatch {
namespace {

struct Arguments {
  std::string config;
  std::string data_dir;
};

Finding CheckCodes() {
  size_t codes = 0;
  for (std::string_view system : CodeTable::BuiltInSystems()) {
    codes += CodeTable::BuiltIn(system)->entries().size();
  }
  return {"code tables", Verdict::kOk,
          absl::StrCat(CodeTable::BuiltInSystems().size(), " systems, ",
                       Grouped(static_cast<int64_t>(codes)), " codes"),
          ""};
}

const char* VerdictWord(Verdict verdict) {
  constexpr const char* kWords[] = {"OK", "WARN", "FAIL"};
  return kWords[static_cast<int>(verdict)];
}

void PrintFindings(const Findings& findings) {
  Table table({"", "check", "found"});
  for (const Finding& finding : findings) {
    table.Add({VerdictWord(finding.verdict), finding.name, finding.found});
    if (!finding.advice.empty()) table.AddNote(finding.advice);
  }
  std::cout << table.ToString();
}

void PrintFindingsAsJson(const Findings& findings, bool array) {
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

// The order in which one thing explains the next.
Findings CheckAll(const GlobalOptions& global, const Arguments& arguments) {
  LoadedOptions loaded;
  Findings all = {CheckConfig(arguments.config, arguments.data_dir, loaded)};
  const auto add = [&all](Findings more) {
    std::move(more.begin(), more.end(), std::back_inserter(all));
  };
  const std::string& folder = loaded.options.storage.data_dir;
  add(CheckOptionFiles(loaded));
  add(CheckDataFolder(folder));
  const MachineFacts facts = ReadMachineFacts(folder);
  add({CheckOpenFiles(loaded.options, facts.file_limit)});
  add(CheckMachine(facts));
  add({CheckCodes()});
  add({CheckSnapshots(loaded.options, absl::Now())});
  v1::ServerInfo info;
  const absl::Status status = Client(global).Call<v1::AdminService>(
      &v1::AdminService::Stub::GetServerInfo, v1::GetServerInfoRequest(), info);
  if (!status.ok()) add(CheckListeners(loaded.options));
  add(CheckServer(global.endpoint, status, info, GRADMATCH_VERSION));
  return all;
}

int Check(const GlobalOptions& global, const Arguments& arguments) {
  const Findings findings = CheckAll(global, arguments);
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
  line.Add("check",
           "Looks whether this machine, its settings, the data folder and the "
           "server are well; 78 when something is not",
           [&options, a] { return Check(options, *a); })
      .Option("--config", &a->config, "Configuration file, YAML")
      .Option("--data-dir", &a->data_dir, "Data folder");
}

}  // namespace gradmatch
