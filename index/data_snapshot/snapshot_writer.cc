#include "index/data_snapshot/snapshot_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "index/data_snapshot/snapshot_check.h"
#include "index/format.h"
#include "index/watermark.h"

namespace gradmatch {
namespace {

constexpr char kStorePart[] = "store";
constexpr mode_t kFileMode = 0600;

// A table of an earlier data snapshot.
struct KnownTable {
  std::string path;
  SnapshotFile file;
};

// Files of the data folder, beside the store, that a copy needs: all there are,
// but what is of this process, of a recovery, half written, or made anew.
bool IsCopied(const std::string& name) {
  return name != "LOCK" && name != "WATERMARK" && name != "LOGSTARTS" &&
         name != "RESTORED" && name != "RESTORING" &&
         !absl::EndsWith(name, ".tmp");
}

class Writer {
 public:
  Writer(const SnapshotFolder& folder, const SnapshotRequest& request,
         WorkMeter& meter, const StepHook& at_step)
      : folder_(folder),
        request_(request),
        meter_(meter),
        at_step_(at_step),
        part_(absl::StrCat(folder.PathOf(request.id), kPartSuffix)),
        data_(absl::StrCat(part_, "/", kDataPart)),
        store_(absl::StrCat(data_, "/", kStorePart)) {}

  absl::StatusOr<SnapshotManifest> Run(RocksdbStore& store) {
    absl::Status status = Make(store);
    if (status.ok()) return manifest_;
    RemoveTree(part_).IgnoreError();  // else the next start does
    return status;
  }

 private:
  absl::Status Make(RocksdbStore& store) {
    Step("begin");
    absl::Status status = MakeFolder(store_);
    if (status.ok()) status = FindKnownTables();
    uint64_t acknowledged = 0;
    if (status.ok()) {
      status = store.WithFiles([&](const StoreFiles& files) {
        acknowledged = files.acknowledged;
        return CopyStore(files);
      });
    }
    if (status.ok()) status = Settle(acknowledged);
    if (status.ok()) status = CopyTheRest();
    if (status.ok()) status = FillManifest();
    if (status.ok()) status = Publish();
    return status;
  }

  // Of the newest snapshot that can be read: it shares with those before it.
  absl::Status FindKnownTables() {
    const auto snapshots = ListSnapshots(folder_.path());
    if (!snapshots.ok()) return snapshots.status();
    for (const ListedSnapshot& snapshot : *snapshots) {
      if (!snapshot.status.ok()) continue;
      for (const SnapshotFile& file : snapshot.manifest.files) {
        if (file.table_id.empty()) continue;
        known_[file.table_id] = {absl::StrCat(folder_.PathOf(snapshot.id), "/",
                                              kDataPart, "/", file.path),
                                 file};
      }
      return absl::OkStatus();
    }
    return absl::OkStatus();
  }

  const KnownTable* Find(const StoreFile& file) const {
    const auto it = known_.find(file.table_id);
    if (file.table_id.empty() || it == known_.end()) return nullptr;
    return it->second.file.bytes == file.bytes ? &it->second : nullptr;
  }

  absl::Status CopyStore(const StoreFiles& files) {
    int64_t needed = 0;
    for (const StoreFile& file : files.files) {
      meter_.Expect(file.bytes);
      // The log is copied and then written again into tables.
      if (Find(file) == nullptr) needed += 2 * file.bytes;
    }
    absl::Status status = CheckFreeBytes(folder_.path(), needed);
    for (const StoreFile& file : files.files) {
      if (!status.ok()) return status;
      Step("copy");
      status = CopyOne(file);
    }
    return status;
  }

  absl::Status CopyOne(const StoreFile& file) {
    const std::string to = absl::StrCat(store_, "/", file.name);
    if (!file.replacement.empty()) {
      return WriteFileDurably(to, file.replacement, kFileMode);
    }
    if (const KnownTable* known = Find(file); known != nullptr) {
      const auto shared = Share(*known, to);
      if (!shared.ok()) return shared.status();
      if (*shared) {
        tables_[file.name] = known->file;
        return absl::OkStatus();
      }
    }
    auto hash = CopyAndHash(
        absl::StrCat(request_.data_folder, "/", kStorePart, "/", file.name), to,
        file.bytes, kFileMode, meter_);
    if (!hash.ok()) return hash.status();
    manifest_.new_bytes += file.bytes;
    if (file.table_id.empty()) return absl::OkStatus();
    tables_[file.name] = {.bytes = file.bytes,
                          .sha256 = *std::move(hash),
                          .table_id = file.table_id};
    copied_tables_.push_back(file.name);
    return absl::OkStatus();
  }

  // False when the earlier snapshot's table is not what it was: then it is
  // copied, and this snapshot is whole all the same.
  absl::StatusOr<bool> Share(const KnownTable& known, const std::string& to) {
    const auto hash = HashFile(known.path, known.file.bytes, meter_);
    if (absl::IsCancelled(hash.status())) return hash.status();
    if (!hash.ok() || *hash != known.file.sha256) return false;
    return LinkFile(known.path, to).ok();
  }

  absl::Status Settle(uint64_t acknowledged) {
    Step("settle");
    const auto sequence = SettleStoreCopy(store_, acknowledged);
    if (!sequence.ok()) return sequence.status();
    manifest_.sequence = *sequence;
    Step("tables");
    return VerifyStoreTables(store_, copied_tables_);
  }

  absl::Status CopyTheRest() {
    Step("rest");
    const auto names = ListFolder(request_.data_folder);
    if (!names.ok()) return names.status();
    for (const std::string& name : *names) {
      const std::string from = absl::StrCat(request_.data_folder, "/", name);
      struct stat info;
      if (!IsCopied(name) || ::lstat(from.c_str(), &info) != 0 ||
          !S_ISREG(info.st_mode)) {
        continue;
      }
      const auto hash = CopyAndHash(from, absl::StrCat(data_, "/", name),
                                    info.st_size, kFileMode, meter_);
      if (!hash.ok()) return hash.status();
    }
    return Watermark::Create(data_ + "/WATERMARK", manifest_.sequence);
  }

  absl::Status FillManifest() {
    Step("manifest");
    const auto format_text = ReadFile(data_ + "/FORMAT");
    if (!format_text.ok()) return format_text.status();
    const auto format = ParseFormat(*format_text);
    if (!format.ok()) return format.status();
    manifest_.id = request_.id;
    manifest_.created_at =
        absl::FromUnixSeconds(absl::ToUnixSeconds(request_.now));
    manifest_.created_by = request_.program;
    manifest_.data_format = format->format_version;
    manifest_.generation = request_.generation;
    manifest_.journal = request_.journal;
    manifest_.seal_keys = request_.seal_keys;
    const auto contents = ListTree(data_);
    if (!contents.ok()) return contents.status();
    for (const std::string& path : contents->files) {
      if (absl::Status s = AddFile(path); !s.ok()) return s;
    }
    return WriteFileDurably(absl::StrCat(part_, "/", kManifestName),
                            SerializeManifest(manifest_), kFileMode);
  }

  absl::Status AddFile(const std::string& path) {
    const std::string name = path.substr(path.rfind('/') + 1);
    SnapshotFile file;
    if (const auto table = tables_.find(name); table != tables_.end()) {
      file = table->second;
    } else {
      // Settling made it, or it is small.
      const std::string full = absl::StrCat(data_, "/", path);
      const auto bytes = FileBytes(full);
      if (!bytes.ok()) return bytes.status();
      WorkMeter uncounted;
      auto hash = HashFile(full, *bytes, uncounted);
      if (!hash.ok()) return hash.status();
      const auto fd = OpenFile(full, O_RDONLY);
      if (!fd.ok()) return fd.status();
      if (::fsync(fd->get()) != 0) return FileError("fsync", full, errno);
      file = {.bytes = *bytes, .sha256 = *std::move(hash)};
    }
    file.path = path;
    manifest_.files.push_back(std::move(file));
    return absl::OkStatus();
  }

  absl::Status Publish() {
    Step("sync");
    if (absl::Status s = SyncTree(part_); !s.ok()) return s;
    Step("rename");
    absl::Status renamed = RenameFile(part_, folder_.PathOf(request_.id));
    Step("end");
    return renamed;
  }

  void Step(std::string_view name) const {
    if (at_step_) at_step_(name);
  }

  const SnapshotFolder& folder_;
  const SnapshotRequest& request_;
  WorkMeter& meter_;
  const StepHook& at_step_;
  const std::string part_;
  const std::string data_;
  const std::string store_;

  std::map<std::string, KnownTable> known_;     // by table id
  std::map<std::string, SnapshotFile> tables_;  // by name; those in the copy
  std::vector<std::string> copied_tables_;
  SnapshotManifest manifest_;
};

}  // namespace

absl::StatusOr<SnapshotManifest> WriteSnapshot(RocksdbStore& store,
                                               const SnapshotFolder& folder,
                                               const SnapshotRequest& request,
                                               WorkMeter& meter,
                                               const StepHook& at_step) {
  return Writer(folder, request, meter, at_step).Run(store);
}

}  // namespace gradmatch
