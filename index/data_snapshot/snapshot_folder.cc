#include "index/data_snapshot/snapshot_folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/data_snapshot/snapshot_check.h"

namespace gradmatch {
namespace {

namespace fs = std::filesystem;

// %E4Y: a plain %Y reads all digits there are.
constexpr char kIdFormat[] = "%E4Y%m%dT%H%M%SZ";
constexpr size_t kIdTimeBytes = 16;

}  // namespace

absl::Status SnapshotNotFound(std::string_view id) {
  return MakeError(
      absl::StatusCode::kNotFound, kSnapshotNotFound,
      absl::StrCat("没有快照 ", A(id), "；可用 snapshot ls 查看已有的快照"),
      {{"name", absl::StrCat("dataSnapshots/", A(id))}});
}

bool IsWithin(const std::string& path, const std::string& folder) {
  std::error_code error;
  fs::path outer = fs::weakly_canonical(fs::absolute(folder), error);
  fs::path inner = fs::weakly_canonical(fs::absolute(path), error);
  if (!outer.has_filename()) outer = outer.parent_path();
  const auto [end, unused] =
      std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return end == outer.end();
}

absl::Time TimeOfSnapshotId(std::string_view id) {
  absl::Time time = absl::UnixEpoch();
  std::string error;
  absl::ParseTime(kIdFormat, A(id.substr(0, kIdTimeBytes)), absl::UTCTimeZone(),
                  &time, &error);
  return time;
}

absl::StatusOr<std::vector<KeptSnapshot>> ListSnapshotTimes(
    const std::string& folder) {
  std::vector<KeptSnapshot> snapshots;
  const auto names = ListFolder(folder);
  if (absl::IsNotFound(names.status())) return snapshots;
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    if (!IsSnapshotId(name)) continue;
    snapshots.push_back({name, TimeOfSnapshotId(name)});
  }
  std::sort(snapshots.begin(), snapshots.end(),
            [](const KeptSnapshot& a, const KeptSnapshot& b) {
              // -10 is after -9.
              return std::tuple(a.created_at, a.id.size(), a.id) >
                     std::tuple(b.created_at, b.id.size(), b.id);
            });
  return snapshots;
}

absl::StatusOr<std::vector<ListedSnapshot>> ListSnapshots(
    const std::string& folder) {
  const auto times = ListSnapshotTimes(folder);
  if (!times.ok()) return times.status();
  std::vector<ListedSnapshot> snapshots;
  for (const KeptSnapshot& kept : *times) {
    ListedSnapshot listed{.id = kept.id};
    auto read = ReadSnapshotManifest(absl::StrCat(folder, "/", kept.id));
    listed.status = read.status();
    if (read.ok()) listed.manifest = std::move(read->manifest);
    snapshots.push_back(std::move(listed));
  }
  return snapshots;
}

absl::StatusOr<SnapshotFolder> SnapshotFolder::Open(
    const std::string& folder, const std::string& data_folder) {
  if (IsWithin(folder, data_folder) || IsWithin(data_folder, folder)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "snapshot.folder ", folder, " and the data folder ", data_folder,
        " lie one in the other; name a folder apart, best on another disk"));
  }
  const bool made = !FileExists(folder);
  if (absl::Status s = MakeFolder(folder); !s.ok()) return s;
  // What is in it is what the data folder holds.
  if (made) ::chmod(folder.c_str(), 0700);
  auto lock = LockFile(absl::StrCat(folder, "/LOCK"));
  if (!lock.ok()) return lock.status();
  SnapshotFolder opened(folder, *std::move(lock));
  if (absl::Status s = opened.Tidy(); !s.ok()) return s;
  return opened;
}

std::string SnapshotFolder::PathOf(std::string_view id) const {
  return absl::StrCat(path_, "/", A(id));
}

std::string SnapshotFolder::NewId(absl::Time now) const {
  const std::string stem =
      absl::FormatTime(kIdFormat, now, absl::UTCTimeZone());
  std::string id = stem;
  for (int i = 2; FileExists(PathOf(id)); ++i) id = absl::StrCat(stem, "-", i);
  return id;
}

absl::Status SnapshotFolder::Delete(std::string_view id) {
  const std::string path = PathOf(id);
  if (!IsSnapshotId(id) || !FileExists(path)) return SnapshotNotFound(id);
  const std::string gone = path + kGoneSuffix;
  // Left when an earlier removal failed.
  if (absl::Status s = RemoveTree(gone); !s.ok()) return s;
  if (absl::Status s = RenameFile(path, gone); !s.ok()) return s;
  if (absl::Status s = RemoveTree(gone); !s.ok()) return s;
  return SyncFolder(path_);
}

absl::Status SnapshotFolder::Tidy() {
  const auto names = ListFolder(path_);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    if (!absl::EndsWith(name, kPartSuffix) &&
        !absl::EndsWith(name, kGoneSuffix)) {
      continue;
    }
    if (!IsSnapshotId(name.substr(0, name.rfind('.')))) continue;  // not ours
    if (absl::Status s = RemoveTree(PathOf(name)); !s.ok()) return s;
  }
  return absl::OkStatus();
}

}  // namespace gradmatch
