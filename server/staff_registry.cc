#include "server/staff_registry.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/change.h"
#include "index/keys.h"
#include "server/resource_name.h"
#include "server/time_proto.h"

namespace gradmatch {
namespace {

std::string Stored(const v1::Staff& staff, absl::Time now) {
  v1::StoredRecord record;
  uint64_t generation = 0;
  if (absl::SimpleAtoi(staff.etag(), &generation)) {
    record.set_generation(generation);
  }
  record.set_revision(1);
  record.set_update_time_micros(absl::ToUnixMicros(now));
  record.set_payload(staff.SerializeAsString());
  return record.SerializeAsString();
}

absl::Status CheckExpect(std::string_view staff_id, const v1::Staff* stored,
                         const StaffRegistry::Expect& expect) {
  if (stored == nullptr) {
    const bool wanted = expect.must_exist || !expect.etag.empty();
    return wanted ? StaffNotFound(staff_id) : absl::OkStatus();
  }
  if (expect.must_not_exist) {
    return MakeError(absl::StatusCode::kAlreadyExists, kAlreadyExists,
                     absl::StrCat("工作人员 ", stored->name(),
                                  " 已存在；如需修改请用 UpdateStaff"),
                     {{"name", stored->name()}});
  }
  if (!expect.etag.empty() && expect.etag != stored->etag()) {
    return MakeError(absl::StatusCode::kAborted, kEtagMismatch,
                     absl::StrCat("工作人员 ", stored->name(),
                                  " 已被他人修改；请重新读取后再改"),
                     {{"value", expect.etag}, {"current", stored->etag()}});
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status StaffNotFound(std::string_view staff_id) {
  const std::string name = StaffNameOf(staff_id);
  return MakeError(absl::StatusCode::kNotFound, kStaffNotFound,
                   absl::StrCat("工作人员 ", name,
                                " 不存在；请先用 CreateStaff 建立，或检查名称"),
                   {{"staff", name}});
}

absl::StatusOr<std::unique_ptr<StaffRegistry>> StaffRegistry::Open(
    Store& store, const Clock& clock) {
  std::unique_ptr<StaffRegistry> registry(new StaffRegistry(store, clock));
  absl::Status status = registry->Load();
  if (!status.ok()) return status;
  return registry;
}

absl::Status StaffRegistry::Load() {
  MutexLock write_lock(write_mu_);
  MutexLock lock(mu_);
  const std::unique_ptr<Cursor> cursor = store_.Scan(Family::kStaff, {});
  for (; cursor->Valid(); cursor->Next()) {
    v1::StoredRecord record;
    v1::Staff staff;
    if (!record.ParseFromString(std::string(cursor->value())) ||
        !staff.ParseFromString(record.payload())) {
      return absl::DataLossError(absl::StrCat(
          "the record of staff ", A(cursor->key()), " does not parse"));
    }
    last_etag_ = std::max<uint64_t>(last_etag_, record.generation());
    staff_.emplace(std::string(cursor->key()), std::move(staff));
  }
  return cursor->status();
}

absl::StatusOr<v1::Staff> StaffRegistry::Get(std::string_view staff_id) const {
  MutexLock lock(mu_);
  const auto it = staff_.find(staff_id);
  if (it == staff_.end()) return StaffNotFound(staff_id);
  return it->second;
}

std::vector<v1::Staff> StaffRegistry::List(std::string_view after,
                                           size_t limit) const {
  std::vector<v1::Staff> out;
  MutexLock lock(mu_);
  for (auto it = staff_.upper_bound(after);
       it != staff_.end() && out.size() < limit; ++it) {
    out.push_back(it->second);
  }
  return out;
}

absl::StatusOr<const v1::Staff*> StaffRegistry::Check(
    std::string_view staff_id, const Expect& expect) const {
  const v1::Staff* stored = nullptr;
  {
    // The node stays where it is: only writers change it, and we are the one.
    MutexLock lock(mu_);
    const auto it = staff_.find(staff_id);
    if (it != staff_.end()) stored = &it->second;
  }
  absl::Status fits = CheckExpect(staff_id, stored, expect);
  if (!fits.ok()) return fits;
  return stored;
}

absl::StatusOr<v1::Staff> StaffRegistry::Put(
    std::string_view staff_id, const Expect& expect,
    const std::function<absl::Status(v1::Staff&)>& change, const Also& also) {
  MutexLock write_lock(write_mu_);
  const auto stored = Check(staff_id, expect);
  if (!stored.ok()) return stored.status();
  v1::Staff staff = *stored == nullptr ? v1::Staff() : **stored;
  absl::Status changed = change(staff);
  if (!changed.ok()) return changed;
  const absl::Time now = clock_.Now();
  // Larger than any etag before, also of staff that were deleted since.
  last_etag_ =
      std::max(last_etag_ + 1, static_cast<uint64_t>(absl::ToUnixMicros(now)));
  staff.set_name(StaffNameOf(staff_id));
  staff.set_etag(EtagOf(last_etag_));
  *staff.mutable_create_time() =
      *stored == nullptr ? ToTimestamp(now) : (*stored)->create_time();
  *staff.mutable_update_time() = ToTimestamp(now);

  WriteBatch batch;
  batch.Put(Family::kStaff, StaffKey(staff_id), Stored(staff, now));
  also(staff, batch);
  absl::Status written = store_.Write(batch, Durability::kSynced);
  if (!written.ok()) return written;
  MutexLock lock(mu_);
  staff_[std::string(staff_id)] = staff;
  return staff;
}

absl::Status StaffRegistry::Delete(std::string_view staff_id,
                                   const std::string& etag,
                                   const WriteBatch& also) {
  MutexLock write_lock(write_mu_);
  const auto stored = Check(staff_id, {.must_exist = true, .etag = etag});
  if (!stored.ok()) return stored.status();
  WriteBatch batch;
  batch.Delete(Family::kStaff, StaffKey(staff_id));
  batch.Append(also);
  absl::Status written = store_.Write(batch, Durability::kSynced);
  if (!written.ok()) return written;
  MutexLock lock(mu_);
  staff_.erase(staff_.find(staff_id));
  return absl::OkStatus();
}

}  // namespace gradmatch
