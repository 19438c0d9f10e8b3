#include "index/recovery.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "index/file_system.h"

namespace gradmatch {
namespace {

// In a copy made before a recovery that turned out well, or was refused. A copy
// with neither was never judged: the recovery was broken off.
constexpr char kGoodMark[] = "RECOVERED";
constexpr char kRefusedMark[] = "REFUSED";
constexpr char kHalf[] = ".tmp";
// Copies of refused recoveries are someone's only evidence, and a service that
// is restarted again and again must not fill the disk with them.
constexpr int kMaxRefusedCopies = 3;

absl::StatusOr<std::vector<std::string>> ListIfThere(
    const std::string& folder) {
  auto names = ListFolder(folder);
  if (absl::IsNotFound(names.status())) return std::vector<std::string>();
  return names;
}

std::string WhereTheCopyIs(const OpenReport& report) {
  return "a copy of the files as they were is in " + report.aside_path;
}

// What a failed opening means for the caller who reads the message.
absl::Status Damaged(std::string_view what, const RecoveryPaths& paths,
                     const OpenReport& report) {
  std::string copy = "no copy was needed";
  if (!report.aside_path.empty()) {
    copy = WhereTheCopyIs(report);
  } else if (auto names = ListFolder(paths.aside_folder);
             names.ok() && !names->empty()) {
    // A refused recovery has ended the log, so that it opens strictly now.
    copy = "copies made before earlier recoveries are in " + paths.aside_folder;
  }
  return absl::DataLossError(
      absl::StrCat("the store is damaged: ", std::string(what), "; ", copy,
                   "; restore a backup"));
}

// Tables never change once written, so a second name is a copy.
absl::Status CopyOne(const std::string& from, const std::string& to) {
  if (absl::EndsWith(from, ".sst") && LinkFile(from, to).ok()) {
    return absl::OkStatus();
  }
  return CopyFile(from, to);
}

bool IsEngineData(const std::string& name) {
  return name != "LOCK" && name != "LOG" && !absl::StartsWith(name, "LOG.old");
}

// A name that is not taken, made from the time.
std::string NewCopyPath(const std::string& folder, absl::Time now) {
  const std::string base = absl::StrCat(
      folder, "/",
      absl::FormatTime("%Y%m%dT%H%M%SZ", now, absl::UTCTimeZone()));
  std::string path = base;
  for (int i = 2; FileExists(path); ++i) path = absl::StrCat(base, "-", i);
  return path;
}

// Removes half copies, and of those that nobody judged all but the first, which
// is nearest to what was; refuses when too many recoveries were refused.
absl::Status MakeRoomForCopy(const std::string& folder) {
  const auto names = ListIfThere(folder);
  if (!names.ok()) return names.status();
  int refused = 0;
  int unjudged = 0;
  for (const std::string& name : *names) {
    const std::string path = absl::StrCat(folder, "/", name);
    const bool half = absl::EndsWith(name, kHalf);
    if (!half && FileExists(absl::StrCat(path, "/", kGoodMark))) continue;
    if (!half && FileExists(absl::StrCat(path, "/", kRefusedMark))) {
      ++refused;
    } else if (half || ++unjudged > 1) {
      if (absl::Status s = RemoveTree(path); !s.ok()) return s;
    }
  }
  if (refused < kMaxRefusedCopies) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      "the store's log is damaged, and ", folder, " already holds ", refused,
      " copies of earlier refused recoveries, at most ", kMaxRefusedCopies,
      ": restore a backup, or look at the copies, remove them and try again"));
}

absl::StatusOr<std::string> CopyAside(const RecoveryPaths& paths,
                                      const std::vector<std::string>& names,
                                      absl::Time now) {
  if (absl::Status s = MakeRoomForCopy(paths.aside_folder); !s.ok()) return s;
  const std::string path = NewCopyPath(paths.aside_folder, now);
  const std::string half = path + kHalf;
  if (absl::Status s = MakeFolder(half); !s.ok()) return s;
  for (const std::string& name : names) {
    if (!IsEngineData(name)) continue;
    absl::Status s = CopyOne(absl::StrCat(paths.engine_folder, "/", name),
                             absl::StrCat(half, "/", name));
    if (!s.ok()) return s;
  }
  if (FileExists(paths.watermark_path)) {
    absl::Status s = CopyFile(paths.watermark_path, half + "/WATERMARK");
    if (!s.ok()) return s;
  }
  if (absl::Status s = SyncFolder(half); !s.ok()) return s;
  if (absl::Status s = RenameFile(half, path); !s.ok()) return s;
  return path;
}

absl::Status Mark(const std::string& copy, const char* mark) {
  return WriteFileDurably(absl::StrCat(copy, "/", mark), "");
}

// Marks `good` and removes the other copies that carry the mark.
absl::Status KeepNewestGood(const std::string& folder,
                            const std::string& good) {
  if (absl::Status s = Mark(good, kGoodMark); !s.ok()) return s;
  const auto names = ListFolder(folder);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    const std::string path = absl::StrCat(folder, "/", name);
    if (path == good || !FileExists(absl::StrCat(path, "/", kGoodMark))) {
      continue;
    }
    if (absl::Status s = RemoveTree(path); !s.ok()) return s;
  }
  return absl::OkStatus();
}

// What to add to an error that may not name the table it is about.
std::string DamagedTables(RecoverableEngine& engine,
                          const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!absl::EndsWith(name, ".sst")) continue;
    const absl::Status s = engine.ReadTable(name);
    if (!s.ok()) absl::StrAppend(&text, "; ", std::string(s.message()));
  }
  return text;
}

// Opens up to the log's first damage, after a copy, and reads the tables that
// this wrote. Tables from before are checked block by block as they are read.
absl::Status Recover(RecoverableEngine& engine, const RecoveryPaths& paths,
                     absl::Time now, OpenReport& report) {
  const auto before = ListFolder(paths.engine_folder);
  if (!before.ok()) return before.status();
  auto aside = CopyAside(paths, *before, now);
  if (!aside.ok()) return aside.status();
  report.aside_path = *std::move(aside);
  if (absl::Status s = engine.Open(LogMode::kPointInTime); !s.ok()) {
    const std::string both =
        absl::StrCat("strict opening: ", report.strict_refusal,
                     "; up to the damage: ", std::string(s.message()));
    if (absl::IsDataLoss(s)) {
      return Damaged(absl::StrCat(both, DamagedTables(engine, *before)), paths,
                     report);
    }
    // A full disk, for one, says nothing about the files.
    return absl::Status(
        s.code(), absl::StrCat("the store's log could not be recovered: ", both,
                               "; ", WhereTheCopyIs(report)));
  }
  if (absl::Status s = engine.VerifyTables(*before); !s.ok()) {
    return Damaged(std::string(s.message()), paths, report);
  }
  return absl::OkStatus();
}

absl::Status CheckNothingMissing(RecoverableEngine& engine,
                                 const RecoveryPaths& paths,
                                 const OpenReport& report) {
  if (!report.watermark) return absl::OkStatus();
  const absl::Status logs = engine.CheckLogs(*report.watermark);
  if (!logs.ok()) return Damaged(std::string(logs.message()), paths, report);
  if (report.recovered_sequence >= *report.watermark) return absl::OkStatus();
  std::string how = engine.DescribeLogs();
  if (!report.strict_refusal.empty()) {
    absl::StrAppend(&how, how.empty() ? "" : "; ", report.strict_refusal);
  }
  return Damaged(
      absl::StrCat("the log ends at write ", report.recovered_sequence,
                   ", but writes up to ", *report.watermark,
                   " were acknowledged, so ",
                   *report.watermark - report.recovered_sequence,
                   " are missing (to go on without them, remove WATERMARK)",
                   how.empty() ? "" : "; ", how),
      paths, report);
}

}  // namespace

absl::StatusOr<OpenReport> OpenWithRecovery(RecoverableEngine& engine,
                                            const RecoveryPaths& paths,
                                            std::optional<uint64_t> watermark,
                                            absl::Time now) {
  OpenReport report{.watermark = watermark};
  absl::Status status = engine.Open(LogMode::kStrict);
  if (absl::IsDataLoss(status)) {
    report.strict = false;
    report.strict_refusal = std::string(status.message());
    status = Recover(engine, paths, now, report);
  }
  if (status.ok()) {
    report.recovered_sequence = engine.LatestSequence();
    status = CheckNothingMissing(engine, paths, report);
  }
  const bool copied = !report.aside_path.empty();
  if (!status.ok()) {
    engine.Close();
    if (copied && absl::IsDataLoss(status)) {
      Mark(report.aside_path, kRefusedMark).IgnoreError();
    }
    return status;
  }
  // Copies that cannot be tidied up are no reason to refuse a good store.
  if (copied) {
    KeepNewestGood(paths.aside_folder, report.aside_path).IgnoreError();
  }
  return report;
}

}  // namespace gradmatch
