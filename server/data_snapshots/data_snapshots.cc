#include "server/data_snapshots/data_snapshots.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "index/data_snapshot/retention.h"
#include "index/data_snapshot/snapshot_check.h"
#include "index/data_snapshot/snapshot_writer.h"
#include "index/vault/sealed_store.h"
#include "server/time_proto.h"

namespace gradmatch {
namespace {

// A call that was journaled before a snapshot and stored after it is over by
// then, so that the journal is kept from this long before the oldest snapshot.
constexpr absl::Duration kLongestChange = absl::Hours(1);

}  // namespace

std::string DataSnapshotNameOf(std::string_view id) {
  return absl::StrCat("dataSnapshots/", A(id));
}

absl::StatusOr<std::unique_ptr<DataSnapshots>> DataSnapshots::Open(
    const DataSnapshotsOptions& options, const Clock& clock) {
  auto folder = SnapshotFolder::Open(options.folder, options.data_folder);
  if (!folder.ok()) return folder.status();
  auto rights = RightsKeeper::Open(options.folder, clock);
  if (!rights.ok()) return rights.status();
  return std::unique_ptr<DataSnapshots>(new DataSnapshots(
      options, clock, *std::move(folder), *std::move(rights)));
}

void DataSnapshots::Attach(RocksdbStore& store, const Engine& engine) {
  store_ = &store;
  engine_ = &engine;
  rights_->Attach(engine);
}

absl::StatusOr<v1::DataSnapshot> DataSnapshots::Create(WorkMeter& meter) {
  MutexLock lock(change_mu_);
  SnapshotRequest request;
  request.now = clock_.Now();
  request.id = folder_.NewId(request.now);
  request.data_folder = options_.data_folder;
  request.program = options_.program;
  // Before the store is looked at, so that the copy has at least this.
  request.generation = CurrentGeneration(engine_->catalog);
  request.journal = rights_->journal().position();
  auto keys = engine_->sealed.KeyIds();
  if (!keys.ok()) return keys.status();
  request.seal_keys = *std::move(keys);
  auto manifest = WriteSnapshot(*store_, folder_, request, meter);
  if (!manifest.ok()) return manifest.status();
  return ToProto({.id = request.id, .manifest = *std::move(manifest)});
}

absl::StatusOr<v1::DataSnapshot> DataSnapshots::Verify(std::string_view id,
                                                       WorkMeter& meter) const {
  if (!IsSnapshotId(id) || !FileExists(folder_.PathOf(id))) {
    return SnapshotNotFound(id);
  }
  auto read = VerifySnapshot(folder_.PathOf(id), meter);
  if (!read.ok()) return read.status();
  return ToProto(
      {.id = std::string(id), .manifest = std::move(read->manifest)});
}

v1::DataSnapshot DataSnapshots::ToProto(const ListedSnapshot& snapshot) const {
  const SnapshotManifest& manifest = snapshot.manifest;
  const absl::Time created = TimeOfSnapshotId(snapshot.id);
  v1::DataSnapshot proto;
  proto.set_name(DataSnapshotNameOf(snapshot.id));
  *proto.mutable_create_time() = ToTimestamp(created);
  *proto.mutable_expire_time() = ToTimestamp(created + options_.max_age);
  proto.set_erased_since(rights_->journal().ErasedSince(created));
  if (!snapshot.status.ok()) {
    proto.set_damage(std::string(snapshot.status.message()));
    return proto;
  }
  proto.set_bytes(manifest.TotalBytes());
  proto.set_new_bytes(manifest.new_bytes);
  proto.set_files(static_cast<int32_t>(manifest.files.size()));
  proto.set_sequence(static_cast<int64_t>(manifest.sequence));
  proto.set_generation(static_cast<int64_t>(manifest.generation));
  proto.set_format_version(manifest.data_format);
  proto.set_program(manifest.created_by);
  proto.mutable_seal_keys()->Assign(manifest.seal_keys.begin(),
                                    manifest.seal_keys.end());
  return proto;
}

absl::StatusOr<std::vector<v1::DataSnapshot>> DataSnapshots::List() const {
  const auto snapshots = ListSnapshots(options_.folder);
  if (!snapshots.ok()) return snapshots.status();
  std::vector<v1::DataSnapshot> list;
  for (const ListedSnapshot& snapshot : *snapshots) {
    list.push_back(ToProto(snapshot));
  }
  return list;
}

absl::StatusOr<v1::DataSnapshot> DataSnapshots::Get(std::string_view id) const {
  if (!IsSnapshotId(id) || !FileExists(folder_.PathOf(id))) {
    return SnapshotNotFound(id);
  }
  ListedSnapshot listed{.id = std::string(id)};
  auto read = ReadSnapshotManifest(folder_.PathOf(id));
  listed.status = read.status();
  if (read.ok()) listed.manifest = std::move(read->manifest);
  return ToProto(listed);
}

absl::StatusOr<absl::Time> DataSnapshots::JournalStart() const {
  const auto snapshots = ListSnapshotTimes(options_.folder);
  if (!snapshots.ok()) return snapshots.status();
  absl::Time oldest = clock_.Now();
  for (const KeptSnapshot& snapshot : *snapshots) {
    oldest = std::min(oldest, snapshot.created_at);
  }
  return oldest - kLongestChange;
}

absl::Status DataSnapshots::Delete(std::string_view id) {
  MutexLock lock(change_mu_);
  if (absl::Status s = folder_.Delete(id); !s.ok()) return s;
  const auto start = JournalStart();
  return start.ok() ? rights_->Forget({}, *start) : start.status();
}

absl::StatusOr<int> DataSnapshots::DeleteOld(int keep) {
  MutexLock lock(change_mu_);
  const auto snapshots = ListSnapshotTimes(options_.folder);
  if (!snapshots.ok()) return snapshots.status();
  const auto old =
      SnapshotsToDelete(*snapshots, keep, options_.max_age, clock_.Now());
  for (const std::string& id : old) {
    if (absl::Status s = folder_.Delete(id); !s.ok()) return s;
  }
  if (old.empty()) return 0;
  const auto start = JournalStart();
  if (!start.ok()) return start.status();
  absl::Status forgotten = rights_->Forget({}, *start);
  if (!forgotten.ok()) return forgotten;
  return static_cast<int>(old.size());
}

absl::StatusOr<bool> DataSnapshots::IsDue(absl::Duration interval) const {
  if (interval == absl::ZeroDuration()) return false;
  const auto snapshots = ListSnapshotTimes(options_.folder);
  if (!snapshots.ok()) return snapshots.status();
  return SnapshotIsDue(*snapshots, interval, clock_.Now());
}

absl::StatusOr<std::optional<absl::Time>> DataSnapshots::NewestTime() const {
  const auto snapshots = ListSnapshotTimes(options_.folder);
  if (!snapshots.ok()) return snapshots.status();
  std::optional<absl::Time> newest;
  for (const KeptSnapshot& snapshot : *snapshots) {
    newest = std::max(newest, std::optional(snapshot.created_at));
  }
  return newest;
}

absl::StatusOr<DataSnapshots::Holding> DataSnapshots::WhoHolds() {
  MutexLock lock(change_mu_);
  const auto snapshots = ListSnapshotTimes(options_.folder);
  if (!snapshots.ok()) return snapshots.status();
  Holding holding;
  for (const KeptSnapshot& snapshot : *snapshots) {
    const absl::Time until = snapshot.created_at + options_.max_age;
    if (holding.snapshots++ == 0 || until > holding.until) {
      holding.until = until;
    }
  }
  return holding;
}

absl::Status DataSnapshots::Forget(std::span<const PendingErasure> erased) {
  const auto start = JournalStart();
  return start.ok() ? rights_->Forget(erased, *start) : start.status();
}

}  // namespace gradmatch
