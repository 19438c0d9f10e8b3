#include "server/source_registry.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/change.h"
#include "index/keys.h"
#include "server/time_proto.h"

namespace gradmatch {
namespace {

absl::Status NotFound(std::string_view source_id) {
  const std::string name = absl::StrCat("sources/", A(source_id));
  return MakeError(
      absl::StatusCode::kNotFound, kSourceNotFound,
      absl::StrCat("数据来源 ", name,
                   " 不存在；请先用 CreateSource 建立，或检查名称"),
      {{"source", name}});
}

absl::Status InUse(const std::string& name) {
  return MakeError(
      absl::StatusCode::kAborted, kSourceNotEmpty,
      absl::StrCat("数据来源 ", name, " 正在写入职位，暂不能删除；请稍后重试"),
      {{"source", name}});
}

std::string Stored(const v1::Source& source, absl::Time now) {
  v1::StoredRecord record;
  uint64_t generation = 0;
  if (absl::SimpleAtoi(source.etag(), &generation)) {
    record.set_generation(generation);
  }
  record.set_revision(1);
  record.set_update_time_micros(absl::ToUnixMicros(now));
  record.set_payload(source.SerializeAsString());
  return record.SerializeAsString();
}

}  // namespace

absl::StatusOr<std::unique_ptr<SourceRegistry>> SourceRegistry::Open(
    Store& store, const Clock& clock) {
  std::unique_ptr<SourceRegistry> registry(new SourceRegistry(store, clock));
  absl::Status status = registry->Load();
  if (!status.ok()) return status;
  return registry;
}

absl::Status SourceRegistry::Load() {
  MutexLock write_lock(write_mu_);
  MutexLock lock(mu_);
  const std::unique_ptr<Cursor> cursor = store_.Scan(Family::kSource, {});
  for (; cursor->Valid(); cursor->Next()) {
    v1::StoredRecord record;
    v1::Source source;
    const std::string value(cursor->value());
    if (!record.ParseFromString(value) ||
        !source.ParseFromString(record.payload())) {
      return absl::DataLossError(absl::StrCat(
          "the record of source ", A(cursor->key()), " does not parse"));
    }
    last_etag_ = std::max<uint64_t>(last_etag_, record.generation());
    sources_.emplace(std::string(cursor->key()), std::move(source));
  }
  return cursor->status();
}

absl::StatusOr<v1::Source> SourceRegistry::Get(
    std::string_view source_id) const {
  MutexLock lock(mu_);
  const auto it = sources_.find(source_id);
  if (it == sources_.end()) return NotFound(source_id);
  return it->second;
}

std::vector<v1::Source> SourceRegistry::List(std::string_view after,
                                             size_t limit) const {
  std::vector<v1::Source> out;
  MutexLock lock(mu_);
  for (auto it = sources_.upper_bound(after);
       it != sources_.end() && out.size() < limit; ++it) {
    out.push_back(it->second);
  }
  return out;
}

int64_t SourceRegistry::count() const {
  MutexLock lock(mu_);
  return static_cast<int64_t>(sources_.size());
}

absl::StatusOr<const v1::Source*> SourceRegistry::Check(
    std::string_view source_id, const Expect& expect) const {
  const v1::Source* stored = nullptr;
  {
    // The node stays where it is: only writers change it, and we are the one.
    MutexLock lock(mu_);
    const auto it = sources_.find(source_id);
    if (it != sources_.end()) stored = &it->second;
  }
  if (stored == nullptr) {
    if (expect.must_exist || !expect.etag.empty()) return NotFound(source_id);
    return stored;
  }
  if (expect.must_not_exist) {
    return MakeError(absl::StatusCode::kAlreadyExists, kAlreadyExists,
                     absl::StrCat("数据来源 ", stored->name(),
                                  " 已存在；如需修改请用 UpdateSource"),
                     {{"name", stored->name()}});
  }
  if (!expect.etag.empty() && expect.etag != stored->etag()) {
    return MakeError(absl::StatusCode::kAborted, kEtagMismatch,
                     absl::StrCat("数据来源 ", stored->name(),
                                  " 已被他人修改；请重新读取后再改"),
                     {{"value", expect.etag}, {"current", stored->etag()}});
  }
  return stored;
}

// Larger than any etag before, also of sources that were deleted since.
std::string SourceRegistry::NextEtag() {
  const auto now = static_cast<uint64_t>(absl::ToUnixMicros(clock_.Now()));
  last_etag_ = std::max(last_etag_ + 1, now);
  return EtagOf(last_etag_);
}

absl::StatusOr<v1::Source> SourceRegistry::Put(
    std::string_view source_id, const Expect& expect,
    const std::function<absl::Status(v1::Source&)>& change, const Also& also) {
  MutexLock write_lock(write_mu_);
  absl::StatusOr<const v1::Source*> stored = Check(source_id, expect);
  if (!stored.ok()) return stored.status();

  v1::Source source = *stored == nullptr ? v1::Source() : **stored;
  absl::Status changed = change(source);
  if (!changed.ok()) return changed;
  const absl::Time now = clock_.Now();
  source.set_name(absl::StrCat("sources/", A(source_id)));
  source.set_etag(NextEtag());
  *source.mutable_create_time() =
      *stored == nullptr ? ToTimestamp(now) : (*stored)->create_time();
  *source.mutable_update_time() = ToTimestamp(now);

  WriteBatch batch;
  batch.Put(Family::kSource, SourceKey(source_id), Stored(source, now));
  also(source, batch);
  absl::Status written = store_.Write(batch, Durability::kSynced);
  if (!written.ok()) return written;
  MutexLock lock(mu_);
  sources_[std::string(source_id)] = source;
  return source;
}

absl::Status SourceRegistry::Delete(std::string_view source_id,
                                    const std::string& etag,
                                    const std::function<absl::Status()>& check,
                                    const Also& also) {
  MutexLock write_lock(write_mu_);
  Expect expect;
  expect.must_exist = true;
  expect.etag = etag;
  absl::StatusOr<const v1::Source*> stored = Check(source_id, expect);
  if (!stored.ok()) return stored.status();
  const v1::Source source = **stored;
  {
    // Out of the map first, so that nobody begins to use it any more.
    MutexLock lock(mu_);
    if (users_.contains(source_id)) return InUse(source.name());
    sources_.erase(sources_.find(source_id));
  }
  absl::Status status = check();
  if (status.ok()) {
    WriteBatch batch;
    batch.Delete(Family::kSource, SourceKey(source_id));
    also(source, batch);
    status = store_.Write(batch, Durability::kSynced);
  }
  if (!status.ok()) {
    MutexLock lock(mu_);
    sources_.emplace(source_id, source);
  }
  return status;
}

absl::Status SourceRegistry::SetLastSync(std::string_view source_id,
                                         absl::Time when) {
  MutexLock write_lock(write_mu_);
  absl::StatusOr<v1::Source> source = Get(source_id);
  if (!source.ok()) return absl::OkStatus();
  *source->mutable_last_sync_time() = ToTimestamp(when);
  WriteBatch batch;
  batch.Put(Family::kSource, SourceKey(source_id), Stored(*source, when));
  absl::Status written = store_.Write(batch, Durability::kSynced);
  if (!written.ok()) return written;
  MutexLock lock(mu_);
  sources_[std::string(source_id)] = *std::move(source);
  return absl::OkStatus();
}

SourceRegistry::Use::~Use() {
  MutexLock lock(registry_.mu_);
  const auto it = registry_.users_.find(id_);
  if (--it->second == 0) registry_.users_.erase(it);
}

absl::StatusOr<std::unique_ptr<SourceRegistry::Use>> SourceRegistry::BeginUse(
    std::string_view source_id) {
  MutexLock lock(mu_);
  const auto it = sources_.find(source_id);
  if (it == sources_.end()) return NotFound(source_id);
  ++users_[it->first];
  return std::make_unique<Use>(*this, it->first, it->second);
}

SourceRegistry::SyncLock::~SyncLock() {
  MutexLock lock(registry_.mu_);
  registry_.syncing_.erase(id_);
}

absl::StatusOr<std::unique_ptr<SourceRegistry::SyncLock>>
SourceRegistry::LockSync(std::string_view source_id) {
  MutexLock lock(mu_);
  if (!sources_.contains(source_id)) return NotFound(source_id);
  if (!syncing_.emplace(source_id).second) {
    const std::string name = absl::StrCat("sources/", A(source_id));
    return MakeError(
        absl::StatusCode::kFailedPrecondition, kImportAlreadyRunning,
        absl::StrCat("数据来源 ", name,
                     " 正在同步；同一来源一次只能有一个同步，请等它"
                     "结束后重试"),
        {{"source", name}});
  }
  return std::make_unique<SyncLock>(*this, std::string(source_id));
}

}  // namespace gradmatch
