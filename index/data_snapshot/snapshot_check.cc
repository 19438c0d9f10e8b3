#include "index/data_snapshot/snapshot_check.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/data_snapshot/sha256.h"
#include "index/file_system.h"

namespace gradmatch {
namespace {

std::string LastName(const std::string& folder) {
  std::filesystem::path path(folder);
  if (!path.has_filename()) path = path.parent_path();
  return path.filename().string();
}

// Names only: whether anything is there too much.
absl::Status CheckNothingElse(const std::string& data,
                              const SnapshotManifest& manifest,
                              const std::vector<std::string>& ignored) {
  const auto contents = ListTree(data);
  if (!contents.ok()) {
    return SnapshotDamaged(
        absl::StrCat("无法列出 ", data, "（",
                     std::string(contents.status().message()), "）"));
  }
  if (!contents->others.empty()) {
    return SnapshotDamaged(
        absl::StrCat(data, "/", contents->others.front(), " 不是普通文件"));
  }
  size_t next = 0;
  for (const std::string& path : contents->files) {
    if (std::find(ignored.begin(), ignored.end(), path) != ignored.end()) {
      continue;
    }
    while (next < manifest.files.size() && manifest.files[next].path < path) {
      ++next;
    }
    if (next == manifest.files.size() || manifest.files[next].path != path) {
      return SnapshotDamaged(
          absl::StrCat(data, "/", path, " 不在清单中：是多出来的文件"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckLength(const std::string& path, const SnapshotFile& file) {
  const auto bytes = FileBytes(path);
  if (!bytes.ok()) {
    return SnapshotDamaged(absl::StrCat("缺少文件 ", path));
  }
  if (*bytes == file.bytes) return absl::OkStatus();
  return SnapshotDamaged(
      absl::StrCat(path, " 有 ", *bytes, " 字节，清单上是 ", file.bytes));
}

}  // namespace

absl::StatusOr<ReadSnapshot> ReadSnapshotManifest(const std::string& folder) {
  const std::string path = absl::StrCat(folder, "/", kManifestName);
  const auto text = ReadFile(path);
  if (absl::IsNotFound(text.status())) {
    return SnapshotDamaged(absl::StrCat(folder, " 中没有 ", kManifestName,
                                        "：不是数据快照，或没有做完"));
  }
  if (!text.ok()) return text.status();
  auto manifest = ParseManifest(*text, path);
  if (!manifest.ok()) return manifest.status();
  if (manifest->id != LastName(folder)) {
    return SnapshotDamaged(absl::StrCat(path, " 属于快照 ", manifest->id,
                                        "，而目录名是 ", LastName(folder)));
  }
  return ReadSnapshot{*std::move(manifest), ManifestHash(*text)};
}

absl::Status CompareFiles(const std::string& data,
                          const SnapshotManifest& manifest,
                          const std::vector<std::string>& ignored,
                          WorkMeter& meter) {
  if (absl::Status s = CheckNothingElse(data, manifest, ignored); !s.ok()) {
    return s;
  }
  // Cheap things first: a missing file need not wait for hours of reading.
  for (const SnapshotFile& file : manifest.files) {
    absl::Status length = CheckLength(absl::StrCat(data, "/", file.path), file);
    if (!length.ok()) return length;
    meter.Expect(file.bytes);
  }
  for (const SnapshotFile& file : manifest.files) {
    const std::string path = absl::StrCat(data, "/", file.path);
    const auto hash = HashFile(path, file.bytes, meter);
    if (absl::IsCancelled(hash.status())) return hash.status();
    if (!hash.ok()) {
      return SnapshotDamaged(absl::StrCat(
          path, " 无法读取（", std::string(hash.status().message()), "）"));
    }
    if (*hash != file.sha256) {
      return SnapshotDamaged(absl::StrCat(path, " 的内容与清单上的哈希不符"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ReadSnapshot> VerifySnapshot(const std::string& folder,
                                            WorkMeter& meter) {
  auto read = ReadSnapshotManifest(folder);
  if (!read.ok()) return read.status();
  const auto names = ListFolder(folder);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    if (name == kManifestName || name == kDataPart) continue;
    return SnapshotDamaged(
        absl::StrCat(folder, "/", name, " 不属于快照：是多出来的文件"));
  }
  absl::Status same = CompareFiles(absl::StrCat(folder, "/", kDataPart),
                                   read->manifest, {}, meter);
  if (!same.ok()) return same;
  return read;
}

}  // namespace gradmatch
