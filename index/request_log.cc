#include "index/request_log.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/keys.h"

namespace gradmatch {
namespace {

// Entries a step, so that a purge never holds up writers for long.
constexpr int kPurgeBatch = 1000;

std::string KeyOf(const RequestIdentity& id) {
  return RequestKey(id.method, id.scope, id.request_id);
}

absl::Time Made(const v1::StoredRequest& stored) {
  return absl::FromUnixMicros(stored.create_time_micros());
}

}  // namespace

RequestLog::Claim::~Claim() {
  MutexLock lock(log_.mu_);
  log_.running_.erase(key_);
}

std::unique_ptr<RequestLog::Claim> RequestLog::TryClaim(
    const RequestIdentity& id) {
  return TryClaimKey(KeyOf(id));
}

std::unique_ptr<RequestLog::Claim> RequestLog::TryClaimKey(std::string key) {
  MutexLock lock(mu_);
  if (!running_.insert(key).second) return nullptr;
  return std::make_unique<Claim>(*this, std::move(key));
}

absl::StatusOr<RequestLookup> RequestLog::Lookup(const RequestIdentity& id,
                                                 uint64_t body_hash) const {
  const auto bytes = store_.Get(Family::kRequest, KeyOf(id));
  if (absl::IsNotFound(bytes.status())) return RequestLookup{};
  if (!bytes.ok()) return bytes.status();
  v1::StoredRequest stored;
  if (!stored.ParseFromString(*bytes)) {
    return absl::DataLossError(
        absl::StrCat("the stored answer to a ", id.method,
                     " does not parse; send it with a new request_id after "
                     "looking whether it was done"));
  }
  if (clock_.Now() - Made(stored) >= kLifetime) return RequestLookup{};
  if (stored.body_hash() != body_hash) {
    return RequestLookup{RequestOutcome::kConflict, {}};
  }
  return RequestLookup{RequestOutcome::kSame,
                       std::move(*stored.mutable_response())};
}

void RequestLog::AddTo(WriteBatch& batch, const RequestIdentity& id,
                       uint64_t body_hash, std::string_view response) const {
  v1::StoredRequest stored;
  stored.set_body_hash(body_hash);
  stored.set_response(response.data(), response.size());
  stored.set_create_time_micros(absl::ToUnixMicros(clock_.Now()));
  batch.Put(Family::kRequest, KeyOf(id), stored.SerializeAsString());
}

absl::StatusOr<RequestLog::Purged> RequestLog::Purge(const std::string& from,
                                                     size_t most,
                                                     bool count_only) {
  Purged purged;
  std::vector<std::string> expired;
  const auto cursor = store_.Scan(Family::kRequest, KeyRange{.begin = from});
  for (; cursor->Valid(); cursor->Next(), ++purged.examined) {
    if (static_cast<size_t>(purged.examined) == most) {
      purged.next = std::string(cursor->key());
      break;
    }
    if (IsExpired(cursor->value())) expired.emplace_back(cursor->key());
  }
  if (!cursor->status().ok()) return cursor->status();
  purged.expired = static_cast<int64_t>(expired.size());
  if (count_only || expired.empty()) return purged;
  const auto removed = Remove(expired);
  if (!removed.ok()) return removed.status();
  purged.expired = *removed;
  return purged;
}

absl::StatusOr<int64_t> RequestLog::PurgeExpired() {
  int64_t removed = 0;
  std::string from;
  do {
    auto purged = Purge(from, kPurgeBatch, /*count_only=*/false);
    if (!purged.ok()) return purged.status();
    removed += purged->expired;
    from = std::move(purged->next);
  } while (!from.empty());
  return removed;
}

absl::StatusOr<int64_t> RequestLog::Remove(
    const std::vector<std::string>& keys) {
  // The walk saw the past: a new request may have taken an expired key since.
  // Under its claim the entry is looked at again, and nobody else writes it.
  std::vector<std::unique_ptr<Claim>> claims;
  std::vector<std::string> claimed;
  for (const std::string& key : keys) {
    auto claim = TryClaimKey(key);
    if (claim == nullptr) continue;
    claims.push_back(std::move(claim));
    claimed.push_back(key);
  }
  const auto values = store_.MultiGet(Family::kRequest, claimed);
  if (!values.ok()) return values.status();
  WriteBatch batch;
  for (size_t i = 0; i < claimed.size(); ++i) {
    const std::optional<std::string>& value = (*values)[i];
    if (value && IsExpired(*value)) batch.Delete(Family::kRequest, claimed[i]);
  }
  if (batch.empty()) return 0;
  absl::Status written = store_.Write(batch, Durability::kBuffered);
  if (!written.ok()) return written;
  return static_cast<int64_t>(batch.ops().size());
}

bool RequestLog::IsExpired(std::string_view bytes) const {
  v1::StoredRequest stored;
  return !stored.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
         clock_.Now() - Made(stored) >= kLifetime;
}

}  // namespace gradmatch
