#include "server/storage_guard.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/rocksdb_store.h"
#include "server/method_effects.h"

namespace gradmatch {
namespace {

constexpr char kComponent[] = "storage";
constexpr int64_t kRetryAfterMillis = 10'000;

}  // namespace

StorageGuardOptions StorageGuardOptionsOf(const Options::Storage& storage) {
  StorageGuardOptions options;
  options.folder = storage.data_dir;
  options.limits.block_at_percent = storage.block_writes_at_percent;
  options.limits.allow_at_percent = storage.allow_writes_at_percent;
  options.interval = storage.disk_check_interval;
  options.verify_interval = storage.verify_interval;
  return options;
}

void StorageGuard::Start(RocksdbStore& store) {
  Look();
  looks_ = std::make_unique<Housekeeping>(options_.interval,
                                          [this](const auto&) { Look(); });
  // Not at the start, when everybody waits.
  verifies_ = std::make_unique<Housekeeping>(
      options_.verify_interval,
      [this, &store, first = true](const auto& stop) mutable {
        if (!std::exchange(first, false)) Verify(store, stop);
      });
}

void StorageGuard::Stop() {
  looks_.reset();
  verifies_.reset();
}

void StorageGuard::Verify(RocksdbStore& store,
                          const std::function<bool()>& stop) const {
  const absl::Status whole = store.VerifyTables(stop);
  if (whole.ok()) {
    log_.Log(LogLevel::kInfo, kComponent, "tables_verified");
    return;
  }
  log_.Log(LogLevel::kError, kComponent, "tables_damaged",
           {{LogField::kError, std::string(whole.message())}});
}

void StorageGuard::Look() {
  const absl::StatusOr<DiskSpace> space = options_.read(options_.folder);
  State before = state();
  State after = before;
  if (space.ok()) {
    after.space = *space;
    after.blocked = IsFeedBlocked(before.blocked, *space, options_.limits);
  }
  {
    MutexLock lock(mu_);
    state_ = after;
  }
  Tell(before, after);
}

void StorageGuard::Tell(const State& before, const State& after) const {
  if (after.blocked != before.blocked) {
    log_.Log(after.blocked ? LogLevel::kError : LogLevel::kInfo, kComponent,
             after.blocked ? "writes_blocked" : "writes_allowed",
             {{LogField::kBytes, after.space.free_bytes}});
  }
}

StorageGuard::State StorageGuard::state() const {
  MutexLock lock(mu_);
  return state_;
}

absl::Status StorageGuard::CheckRoom() const {
  const State now = state();
  if (!now.blocked) return absl::OkStatus();
  return Overloaded(
      kStorageFull,
      absl::StrFormat(
          "磁盘空间不足，暂停接收新数据：已用 %.1f%%，剩余 %d MiB；降到 %d%% "
          "以下自动恢复。查询、删除、退出与登记去向不受影响",
          now.space.UsedPercent(), now.space.free_bytes >> 20,
          options_.limits.allow_at_percent),
      kRetryAfterMillis);
}

absl::Status StorageGate::Admit(const Caller& caller,
                                std::string_view method) const {
  absl::Status admitted = inner_.Admit(caller, method);
  if (!admitted.ok()) return admitted;
  if (EffectOf(method).value_or(MethodEffect::kGrows) != MethodEffect::kGrows) {
    return admitted;
  }
  return guard_.CheckRoom();
}

}  // namespace gradmatch
