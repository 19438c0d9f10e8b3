#include "index/daily_budget.h"

#include <algorithm>
#include <string>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/base/clock.h"
#include "index/keys.h"

namespace gradmatch {
namespace {

absl::CivilDay DayOf(absl::Time now) {
  return absl::ToCivilDay(now, ChinaTime());
}

absl::StatusOr<int64_t> ReadCount(const Store& store, const std::string& key) {
  const absl::StatusOr<std::string> bytes = store.Get(Family::kMeta, key);
  if (absl::IsNotFound(bytes.status())) return int64_t{0};
  if (!bytes.ok()) return bytes.status();
  v1::StoredDailyCount count;
  if (!count.ParseFromString(*bytes)) {
    return absl::DataLossError("a day's count does not parse");
  }
  return count.count();
}

}  // namespace

absl::StatusOr<DailyBudget::Taken> DailyBudget::Take(absl::Time now,
                                                     int64_t wanted,
                                                     int64_t limit) {
  const std::string key = GraduatesShownKey(absl::FormatCivilTime(DayOf(now)));
  MutexLock lock(mu_);
  const absl::StatusOr<int64_t> used = ReadCount(store_, key);
  if (!used.ok()) return used.status();
  Taken taken;
  // The limit may have been lowered since.
  const int64_t before = std::max<int64_t>(0, limit - *used);
  taken.granted = std::clamp<int64_t>(wanted, 0, before);
  taken.left = before - taken.granted;
  if (taken.granted == 0) return taken;
  v1::StoredDailyCount count;
  count.set_count(*used + taken.granted);
  WriteBatch batch;
  batch.Put(Family::kMeta, key, count.SerializeAsString());
  absl::Status written = store_.Write(batch, Durability::kSynced);
  if (!written.ok()) return written;
  return taken;
}

absl::Time NextDayInChina(absl::Time now) {
  return absl::FromCivil(DayOf(now) + 1, ChinaTime());
}

}  // namespace gradmatch
