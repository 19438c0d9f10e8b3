// Each check of `gradmatch check`, against facts that are made up.

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "index/format.h"
#include "index/watermark.h"
#include "tests/fakes/temp_folder.h"
#include "tools/gradmatch/doctor/machine_checks.h"
#include "tools/gradmatch/doctor/server_checks.h"
#include "tools/gradmatch/doctor/setup_checks.h"

namespace gradmatch {
namespace {

using testing::HasSubstr;

constexpr int64_t kGiB = int64_t{1} << 30;

const Finding* Find(const Findings& findings, const std::string& name) {
  for (const Finding& finding : findings) {
    if (finding.name == name) return &finding;
  }
  return nullptr;
}

// "WARN disk"; empty when there is no such check.
std::string VerdictOf(const Findings& findings, const std::string& name) {
  constexpr const char* kWords[] = {"OK", "WARN", "FAIL"};
  const Finding* finding = Find(findings, name);
  if (finding == nullptr) return "";
  EXPECT_EQ(finding->advice.empty(), finding->verdict == Verdict::kOk)
      << name << ": " << finding->advice;
  EXPECT_FALSE(finding->found.empty()) << name;
  return kWords[static_cast<int>(finding->verdict)];
}

MachineFacts GoodMachine() {
  MachineFacts facts;
  facts.disk_bytes = 500 * kGiB;
  facts.disk_free_bytes = 300 * kGiB;
  facts.memory_bytes = 32 * kGiB;
  facts.memory_available_bytes = 16 * kGiB;
  facts.swap_used_bytes = 0;
  facts.huge_pages = "madvise";
  facts.clock_synchronised = true;
  facts.now = absl::FromCivil(absl::CivilDay(2026, 3, 1), absl::UTCTimeZone());
  facts.cores = 8;
  facts.vector_kernel = "avx2";
  return facts;
}

TEST(MachineChecksTest, AGoodMachineIsWell) {
  for (const Finding& finding : CheckMachine(GoodMachine())) {
    EXPECT_EQ(finding.verdict, Verdict::kOk) << finding.name;
    EXPECT_TRUE(finding.advice.empty()) << finding.name;
  }
  EXPECT_EQ(CheckMachine(GoodMachine()).size(), 6);
}

TEST(MachineChecksTest, EachFaultIsFound) {
  struct Case {
    const char* check;
    const char* verdict;
    std::function<void(MachineFacts&)> change;
  };
  const Case cases[] = {
      {"disk", "FAIL", [](auto& f) { f.disk_free_bytes = kGiB; }},
      {"disk", "WARN", [](auto& f) { f.disk_free_bytes = 50 * kGiB; }},
      {"disk", "WARN", [](auto& f) { f.disk_free_bytes = -1; }},
      {"memory", "WARN", [](auto& f) { f.memory_available_bytes = kGiB / 2; }},
      {"memory", "WARN", [](auto& f) { f.memory_bytes = -1; }},
      {"swap", "WARN", [](auto& f) { f.swap_used_bytes = kGiB; }},
      {"swap", "OK", [](auto& f) { f.swap_used_bytes = -1; }},
      {"huge pages", "WARN", [](auto& f) { f.huge_pages = "always"; }},
      {"huge pages", "OK", [](auto& f) { f.huge_pages = ""; }},
      {"clock", "FAIL", [](auto& f) { f.now = absl::UnixEpoch(); }},
      {"clock", "WARN", [](auto& f) { f.clock_synchronised = false; }},
      {"clock", "OK", [](auto& f) { f.clock_synchronised.reset(); }},
      {"processor", "WARN", [](auto& f) { f.fast_kernel = false; }},
  };
  for (const Case& c : cases) {
    MachineFacts facts = GoodMachine();
    c.change(facts);
    const Findings findings = CheckMachine(facts);
    EXPECT_EQ(VerdictOf(findings, c.check), c.verdict) << c.check;
    for (const Finding& other : findings) {
      if (other.name == c.check) continue;
      EXPECT_EQ(other.verdict, Verdict::kOk) << other.name;
    }
  }
}

TEST(MachineChecksTest, ReadsTheKernelsTexts) {
  MachineFacts facts;
  ParseMemory(
      "MemTotal:       2048 kB\nMemFree: 5 kB\nMemAvailable:   1024 kB\n"
      "SwapTotal:       100 kB\nSwapFree:         40 kB\n",
      facts);
  EXPECT_EQ(facts.memory_bytes, 2 << 20);
  EXPECT_EQ(facts.memory_available_bytes, 1 << 20);
  EXPECT_EQ(facts.swap_used_bytes, 60 * 1'024);
  EXPECT_EQ(ChosenWord("always [madvise] never\n"), "madvise");
  EXPECT_EQ(ChosenWord(""), "");
  EXPECT_EQ(ChosenWord("]["), "");
  const TempFolder root;
  std::filesystem::create_directories(root /
                                      "sys/kernel/mm/transparent_hugepage");
  std::filesystem::create_directories(root / "proc");
  std::ofstream(root / "proc/meminfo") << "MemTotal: 3 kB\n";
  std::ofstream(root / "sys/kernel/mm/transparent_hugepage/enabled")
      << "[always] madvise never";
  const std::string base = (root / "x").substr(0, (root / "x").size() - 2);
  facts = ReadMachineFacts(base + "/not/there/yet", base);
  EXPECT_EQ(facts.memory_bytes, 3 * 1'024);
  EXPECT_EQ(facts.huge_pages, "always");
  EXPECT_GT(facts.disk_bytes, 0);
  EXPECT_GT(facts.file_limit, 0);
  EXPECT_GT(facts.cores, 0);
}

// --- Settings and files ---
class SetupChecksTest : public testing::Test {
 protected:
  void MakeDataFolder() {
    data_ = folder_ / "data";
    ASSERT_TRUE(OpenFormat(data_, true, "test", absl::Now()).ok());
    std::filesystem::permissions(data_, std::filesystem::perms::owner_all);
    WriteSecret(0600);
    ASSERT_TRUE(Watermark::Create(data_ + "/WATERMARK", 42).ok());
  }
  void WriteSecret(mode_t mode) {
    const std::string path = data_ + "/SECRET";
    std::ofstream(path) << "secret";
    ASSERT_EQ(chmod(path.c_str(), mode), 0);
  }

  const TempFolder folder_;
  std::string data_;
};

TEST_F(SetupChecksTest, AGoodDataFolderIsWell) {
  MakeDataFolder();
  const Findings findings = CheckDataFolder(data_);
  EXPECT_EQ(findings.size(), 5);
  for (const Finding& finding : findings) {
    EXPECT_EQ(finding.verdict, Verdict::kOk)
        << finding.name << " " << finding.found;
  }
  EXPECT_THAT(Find(findings, "watermark")->found, HasSubstr("42"));
}

TEST_F(SetupChecksTest, FaultsOfTheDataFolderAreFound) {
  EXPECT_EQ(VerdictOf(CheckDataFolder(folder_ / "none"), "data folder"),
            "WARN");
  MakeDataFolder();
  WriteSecret(0644);
  EXPECT_EQ(VerdictOf(CheckDataFolder(data_), "data secret"), "FAIL");
  std::filesystem::remove(data_ + "/SECRET");
  EXPECT_EQ(VerdictOf(CheckDataFolder(data_), "data secret"), "FAIL");
  WriteSecret(0600);
  EXPECT_EQ(VerdictOf(CheckDataFolder(data_), "data secret"), "OK");
  std::filesystem::permissions(data_, std::filesystem::perms::all);
  EXPECT_EQ(VerdictOf(CheckDataFolder(data_), "data owner"), "WARN");
  std::filesystem::permissions(data_, std::filesystem::perms::owner_all);
  std::filesystem::create_directories(data_ + "/recovery/x");
  EXPECT_EQ(VerdictOf(CheckDataFolder(data_), "recovery"), "WARN");
  std::filesystem::remove(data_ + "/WATERMARK");
  EXPECT_EQ(VerdictOf(CheckDataFolder(data_), "watermark"), "WARN");
  std::ofstream(data_ + "/WATERMARK") << "rubbish";
  EXPECT_EQ(VerdictOf(CheckDataFolder(data_), "watermark"), "FAIL");
  std::ofstream(data_ + "/FORMAT") << "format_version: 999\n";
  EXPECT_EQ(VerdictOf(CheckDataFolder(data_), "data folder"), "FAIL");
}

TEST_F(SetupChecksTest, ThereAreAsManyDescriptorsAsTheOptionsWant) {
  Options options;
  const Finding little = CheckOpenFiles(options, 100);
  EXPECT_EQ(VerdictOf({little}, "open files"), "WARN");
  EXPECT_THAT(little.advice, HasSubstr("LimitNOFILE="));
  EXPECT_EQ(VerdictOf({CheckOpenFiles(options, 1'000'000)}, "open files"),
            "OK");
  EXPECT_EQ(VerdictOf({CheckOpenFiles(options, -1)}, "open files"), "WARN");
  options.server.grpc_connections = 0;
  const Finding unlimited = CheckOpenFiles(options, 1'000'000);
  EXPECT_EQ(VerdictOf({unlimited}, "open files"), "WARN");
  EXPECT_THAT(unlimited.advice, HasSubstr("server.grpc_connections"));
}

TEST_F(SetupChecksTest, TheConfigurationIsReadAsTheServerReadsIt) {
  LoadedOptions loaded;
  Finding finding = CheckConfig("", "here", loaded);
  EXPECT_EQ(finding.verdict, Verdict::kOk) << finding.found;
  EXPECT_EQ(loaded.options.storage.data_dir, "here");
  const std::string path = folder_ / "g.yaml";
  std::ofstream(path) << "server: {grpc_lisen: 127.0.0.1:1}\n";
  finding = CheckConfig(path, "", loaded);
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_THAT(finding.found, HasSubstr("server.grpc_listen"));
  EXPECT_EQ(CheckConfig(folder_ / "none.yaml", "", loaded).verdict,
            Verdict::kFail);
}

TEST_F(SetupChecksTest, FilesThatOptionsNameAreLookedAt) {
  LoadedOptions loaded;
  OptionValue option;
  option.name = "privacy.seal_key_file";
  loaded.values = {option};
  EXPECT_TRUE(CheckOptionFiles(loaded).empty());
  const std::string path = folder_ / "keys";
  loaded.values[0].value = path;
  EXPECT_EQ(VerdictOf(CheckOptionFiles(loaded), option.name), "FAIL");
  std::ofstream(path) << "k";
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  EXPECT_EQ(VerdictOf(CheckOptionFiles(loaded), option.name), "FAIL");
  ASSERT_EQ(chmod(path.c_str(), 0400), 0);
  EXPECT_EQ(VerdictOf(CheckOptionFiles(loaded), option.name), "OK");
  // A certificate is for all to read.
  loaded.values[0].name = "tls.certificate_file";
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  EXPECT_EQ(VerdictOf(CheckOptionFiles(loaded), "tls.certificate_file"), "OK");
}

TEST_F(SetupChecksTest, ListenersAreTried) {
  Options options;
  options.server.grpc_listen = "127.0.0.1:0";
  options.server.http_listen = "";
  EXPECT_EQ(VerdictOf(CheckListeners(options), "server.grpc_listen"), "OK");
  EXPECT_EQ(CheckListeners(options).size(), 1);
  options.server.grpc_listen = "192.0.2.1:50051";  // nobody's
  EXPECT_EQ(VerdictOf(CheckListeners(options), "server.grpc_listen"), "FAIL");
}

// --- A running server ---
v1::ServerInfo GoodServer() {
  v1::ServerInfo info;
  info.set_version("0.1.0");
  info.set_state(v1::ServerInfo::STATE_SERVING);
  auto& figures = *info.mutable_figures();
  figures["process_open_fds"] = 100;
  figures["process_max_fds"] = 65'536;
  figures["gradmatch_storage_read_only"] = 0;
  figures["gradmatch_storage_writes_blocked"] = 0;
  figures["gradmatch_disk_full_days"] = 400;
  figures["gradmatch_snapshot_age_seconds"] = 3'600;
  figures["gradmatch_audit_failures_total"] = 0;
  figures["gradmatch_erasure_oldest_seconds"] = 0;
  figures["gradmatch_profile_reads_without_personalisation_total"] = 0;
  v1::RetentionStatus& job = *info.add_retention();
  job.set_job("raw_rows");
  job.set_ok(true);
  return info;
}

Findings Check(const v1::ServerInfo& info) {
  return CheckServer("127.0.0.1:1", absl::OkStatus(), info, "0.1.0");
}

TEST(ServerChecksTest, AGoodServerIsWell) {
  const Findings findings = Check(GoodServer());
  EXPECT_EQ(findings.size(), 12);
  for (const Finding& finding : findings) {
    EXPECT_EQ(finding.verdict, Verdict::kOk)
        << finding.name << " " << finding.found;
  }
}

TEST(ServerChecksTest, EachFaultIsFound) {
  struct Case {
    const char* check;
    const char* verdict;
    std::function<void(v1::ServerInfo&)> change;
  };
  const auto figure = [](const char* name, double value) {
    return [name, value](v1::ServerInfo& info) {
      (*info.mutable_figures())[name] = value;
    };
  };
  const Case cases[] = {
      {"storage writes", "FAIL", figure("gradmatch_storage_read_only", 1)},
      {"storage room", "FAIL", figure("gradmatch_storage_writes_blocked", 1)},
      {"disk forecast", "WARN", figure("gradmatch_disk_full_days", 13)},
      {"disk forecast", "FAIL", figure("gradmatch_disk_full_days", 1)},
      {"snapshot age", "WARN",
       figure("gradmatch_snapshot_age_seconds", 27 * 3'600)},
      {"snapshot age", "FAIL",
       figure("gradmatch_snapshot_age_seconds", 8 * 86'400)},
      {"audit", "WARN", figure("gradmatch_audit_failures_total", 1)},
      {"erasures", "WARN",
       figure("gradmatch_erasure_oldest_seconds", 4 * 86'400)},
      {"personalisation", "FAIL",
       figure("gradmatch_profile_reads_without_personalisation_total", 1)},
      {"server descriptors", "WARN", figure("process_open_fds", 60'000)},
      {"sources", "WARN",
       [](auto& info) { (*info.mutable_overdue_sources())["hubei"] = 30; }},
      {"push runs", "FAIL", [](auto& info) { info.add_late_push_plans("n"); }},
      {"retention", "WARN",
       [](auto& info) { info.mutable_retention(0)->set_ok(false); }},
      {"retention", "WARN",
       [](auto& info) {
         info.mutable_retention(0)->set_count_only(true);
         info.mutable_retention(0)->set_due(5);
       }},
      {"server", "WARN", [](auto& info) { info.set_version("0.0.9"); }},
      {"server", "WARN",
       [](auto& info) { info.set_state(v1::ServerInfo::STATE_LOADING); }},
  };
  for (const Case& c : cases) {
    v1::ServerInfo info = GoodServer();
    c.change(info);
    const Findings findings = Check(info);
    EXPECT_EQ(VerdictOf(findings, c.check), c.verdict) << c.check;
    for (const Finding& other : findings) {
      if (other.name == c.check) continue;
      EXPECT_EQ(other.verdict, Verdict::kOk) << other.name;
    }
  }
}

// What this server does not know of is not checked, and not called well.
TEST(ServerChecksTest, WhatIsNotThereIsNotCalledWell) {
  v1::ServerInfo info = GoodServer();
  info.mutable_figures()->erase("gradmatch_snapshot_age_seconds");
  EXPECT_EQ(VerdictOf(Check(info), "snapshot age"), "");
  const Findings nobody = CheckServer("127.0.0.1:1", absl::UnavailableError(""),
                                      v1::ServerInfo(), "0.1.0");
  EXPECT_EQ(VerdictOf(nobody, "server"), "WARN");
}

}  // namespace
}  // namespace gradmatch
