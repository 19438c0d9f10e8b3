#include "index/data_snapshot/snapshot_restore.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/data_snapshot/restored_mark.h"
#include "index/data_snapshot/rights_journal.h"
#include "index/file_system.h"
#include "index/format.h"

namespace gradmatch {
namespace {

constexpr char kFormatName[] = "FORMAT";
constexpr char kFormatAside[] = "FORMAT.restoring";

class Restore {
 public:
  Restore(const RestoreRequest& request, WorkMeter& meter,
          const StepHook& at_step)
      : request_(request),
        meter_(meter),
        at_step_(at_step),
        from_(absl::StrCat(request.snapshot, "/", kDataPart)),
        to_(request.data_folder) {}

  absl::StatusOr<ReadSnapshot> Run() {
    Step("begin");
    auto read = VerifySnapshot(request_.snapshot, meter_);
    if (!read.ok()) return read.status();
    read_ = *std::move(read);
    absl::Status status = CheckFormat();
    if (status.ok()) status = CheckJournal();
    if (status.ok()) status = TakeFolder();
    if (status.ok()) status = CopyAll();
    if (status.ok()) status = VerifyCopy();
    if (status.ok()) status = Publish();
    if (!status.ok()) return status;
    return read_;
  }

 private:
  // Before hours of copying: whether this program could open it at all.
  absl::Status CheckFormat() const {
    const auto text = ReadFile(absl::StrCat(from_, "/", kFormatName));
    if (!text.ok()) return text.status();
    const auto format = ParseFormat(*text);
    if (!format.ok()) return format.status();
    return CheckReadable(*format, kFormatVersion);
  }

  absl::Status CheckJournal() {
    mark_ = {.snapshot = read_.manifest.id,
             .manifest_hash = read_.manifest_hash,
             .journal_folder = JournalFolder(),
             .journal = read_.manifest.journal,
             .accepted = request_.accepted};
    const auto journal = ReadJournal(mark_.journal_folder);
    absl::Status covers =
        journal.ok() ? CheckCovers(*journal, mark_.journal) : journal.status();
    if (covers.ok() || !request_.accepted.empty()) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat(
        "the journal of rights in ", mark_.journal_folder,
        " cannot be applied to this snapshot: ", std::string(covers.message()),
        "; without it graduates who were erased since would be served again. "
        "Bring the journal back, or say why that is accepted with "
        "--accept-missing-erasures REASON, which the audit keeps"));
  }

  std::string JournalFolder() const {
    std::filesystem::path path = std::filesystem::absolute(request_.snapshot);
    path = path.lexically_normal();
    if (!path.has_filename()) path = path.parent_path();
    return path.parent_path().string();
  }

  // Empties the folder of what an earlier restore left, and marks it as this
  // one's.
  absl::Status TakeFolder() {
    Step("take");
    if (absl::Status s = MakeFolder(to_); !s.ok()) return s;
    const auto names = ListFolder(to_);
    if (!names.ok()) return names.status();
    const auto has = [&](std::string_view name) {
      return std::find(names->begin(), names->end(), name) != names->end();
    };
    const bool left =
        !has(kFormatName) && (has(kRestoringName) || has(kRestoredName));
    const auto is_nothing = [](const std::string& name) {
      return name == "lost+found" || name == "LOCK";
    };
    if (!left && !std::all_of(names->begin(), names->end(), is_nothing)) {
      return absl::FailedPreconditionError(absl::StrCat(
          to_, " is not empty: it holds '", names->front(), "' and ",
          names->size() - 1,
          " more; name an empty or missing folder, nothing is overwritten"));
    }
    // Nobody else restores into it or serves it.
    auto lock = LockFile(to_ + "/LOCK");
    if (!lock.ok()) return lock.status();
    lock_ = *std::move(lock);
    // The mark first: without it the rest would be nobody's.
    absl::Status marked = WriteFileDurably(
        absl::StrCat(to_, "/", kRestoringName), SerializeRestoredMark(mark_));
    if (!marked.ok()) return marked;
    for (const std::string& name : *names) {
      if (is_nothing(name) || name == kRestoringName) continue;
      absl::Status gone = RemoveTree(absl::StrCat(to_, "/", name));
      if (!gone.ok()) return gone;
    }
    return CheckFreeBytes(to_, read_.manifest.TotalBytes());
  }

  absl::Status CopyAll() {
    for (const SnapshotFile& file : read_.manifest.files)
      meter_.Expect(file.bytes);
    for (const SnapshotFile& file : read_.manifest.files) {
      Step("copy");
      if (absl::Status s = CopyOne(file); !s.ok()) return s;
    }
    return absl::OkStatus();
  }

  absl::Status CopyOne(const SnapshotFile& file) {
    const std::string name =
        file.path == kFormatName ? std::string(kFormatAside) : file.path;
    const std::string to = absl::StrCat(to_, "/", name);
    const size_t slash = to.rfind('/');
    if (absl::Status s = MakeFolder(to.substr(0, slash)); !s.ok()) return s;
    const auto hash =
        CopyAndHash(absl::StrCat(from_, "/", file.path), to, file.bytes,
                    file.path == "SECRET" ? 0600 : 0640, meter_);
    if (!hash.ok()) return hash.status();
    if (*hash == file.sha256) return absl::OkStatus();
    return SnapshotDamaged(
        absl::StrCat(from_, "/", file.path, " 在复制时读到了别的内容"));
  }

  // From the disk: the copies are not in memory any more.
  absl::Status VerifyCopy() {
    Step("verify");
    SnapshotManifest copied = read_.manifest;
    for (SnapshotFile& file : copied.files) {
      if (file.path == kFormatName) file.path = kFormatAside;
    }
    std::sort(copied.files.begin(), copied.files.end(),
              [](const SnapshotFile& a, const SnapshotFile& b) {
                return a.path < b.path;
              });
    return CompareFiles(to_, copied, {"LOCK", kRestoringName}, meter_);
  }

  absl::Status Publish() {
    Step("sync");
    absl::Status status = SyncTree(to_);
    Step("mark");
    if (status.ok()) {
      status = RenameFile(absl::StrCat(to_, "/", kRestoringName),
                          absl::StrCat(to_, "/", kRestoredName));
    }
    Step("format");
    if (status.ok()) {
      status = RenameFile(absl::StrCat(to_, "/", kFormatAside),
                          absl::StrCat(to_, "/", kFormatName));
    }
    Step("end");
    return status;
  }

  void Step(std::string_view name) const {
    if (at_step_) at_step_(name);
  }

  const RestoreRequest& request_;
  WorkMeter& meter_;
  const StepHook& at_step_;
  const std::string from_;
  const std::string to_;
  ReadSnapshot read_;
  RestoredMark mark_;
  FileDescriptor lock_;
};

}  // namespace

absl::StatusOr<ReadSnapshot> RestoreSnapshot(const RestoreRequest& request,
                                             WorkMeter& meter,
                                             const StepHook& at_step) {
  return Restore(request, meter, at_step).Run();
}

}  // namespace gradmatch
