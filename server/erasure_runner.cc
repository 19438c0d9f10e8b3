#include "server/erasure_runner.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/catalog.h"
#include "matcher/proto_time.h"
#include "server/data_snapshots/data_snapshots.h"
#include "server/log.h"
#include "server/time_proto.h"

namespace gradmatch {
namespace {

constexpr char kComponent[] = "erasure";
// What was written late is gone with the second round; more are for bad luck.
constexpr int kMostRounds = 5;
// Until the store or the files are tried again.
constexpr absl::Duration kAfterFailure = absl::Minutes(1);
// How often the clock is looked at for what is due later.
constexpr absl::Duration kBetweenLooks = absl::Seconds(1);

bool IsDeleted(const PendingErasure& erasure) {
  return erasure.stored.receipt().state() !=
         v1::ErasureReceipt::STATE_UNSPECIFIED;
}

}  // namespace

absl::Status ErasureRunner::Start(PushStore& push_store) {
  const Engine& engine = runtime_.engine();
  store_ = std::make_unique<ErasureStore>(engine.store, push_store,
                                          engine.pseudonyms);
  auto unfinished = store_->Unfinished();
  if (!unfinished.ok()) return unfinished.status();
  {
    MutexLock lock(mu_);
    waiting_ = *std::move(unfinished);
  }
  thread_ = std::thread([this] { Loop(); });
  started_ = store_.get();
  return absl::OkStatus();
}

void ErasureRunner::Stop() {
  {
    MutexLock lock(mu_);
    stop_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
  waiting_room_.Close();
}

absl::StatusOr<ErasureStore*> ErasureRunner::store() const {
  ErasureStore* store = started_;
  if (store != nullptr) return store;
  return MakeError(absl::StatusCode::kUnavailable, kIndexLoading,
                   "服务正在启动，请稍后重试");
}

absl::Status ErasureRunner::Journal(const PendingErasure& erasure) {
  if (snapshots_ == nullptr) return absl::OkStatus();
  return snapshots_->rights().KeepErasure(erasure);
}

void ErasureRunner::Enqueue(PendingErasure erasure) {
  MutexLock lock(mu_);
  waiting_.push_back(std::move(erasure));
  changed_.NotifyAll();
}

// Records are deleted at once, files when it was asked for or time is up.
bool ErasureRunner::IsDue(const PendingErasure& erasure) const {
  const absl::Time now = runtime_.clock.Now();
  if (!IsDeleted(erasure)) return now >= delete_after_;
  if (!erasure.stored.error_message().empty()) return now >= purge_after_;
  if (erasure.stored.purge_now() || erasure.stored.residue()) return true;
  const absl::Time asked = TimeOf(erasure.stored.receipt().request_time());
  return now >= asked + options_.purge_interval;
}

bool ErasureRunner::AnyDue(const Batch& batch) const {
  MutexLock lock(mu_);
  return std::any_of(
      batch.begin(), batch.end(),
      [this](const auto& erasure)
          ABSL_NO_THREAD_SAFETY_ANALYSIS { return IsDue(erasure); });
}

ErasureRunner::Batch ErasureRunner::TakeWork() {
  while (true) {
    MutexLock lock(mu_);
    if (stop_) return {};
    for (const PendingErasure& erasure : waiting_) {
      if (IsDue(erasure)) return std::exchange(waiting_, {});
    }
    if (waiting_.empty()) {
      changed_.Wait(mu_);
    } else {
      changed_.WaitFor(mu_, kBetweenLooks);
    }
  }
}

void ErasureRunner::Loop() {
  while (true) {
    Batch batch = TakeWork();
    if (batch.empty()) return;
    Carry(std::move(batch));
  }
}

void ErasureRunner::Carry(Batch batch) {
  const absl::Status deleted = Delete(batch);
  // One purge serves all, also those that could have waited.
  absl::Status purged;
  if (deleted.ok() && AnyDue(batch)) purged = Purge(batch);
  for (const absl::Status& status : {deleted, purged}) {
    if (status.ok()) continue;
    runtime_.log.Log(LogLevel::kError, kComponent, "erasure_failed",
                     {{LogField::kError, std::string(status.message())}});
  }
  if (!purged.ok()) Fail(batch, purged.message());
  MutexLock lock(mu_);
  const absl::Time now = runtime_.clock.Now();
  if (!deleted.ok()) delete_after_ = now + kAfterFailure;
  if (!purged.ok()) purge_after_ = now + kAfterFailure;
  std::move(batch.begin(), batch.end(), std::back_inserter(waiting_));
}

absl::Status ErasureRunner::Delete(Batch& batch) {
  const auto first_new =
      std::partition(batch.begin(), batch.end(),
                     [](const PendingErasure& e) { return IsDeleted(e); });
  if (first_new == batch.end()) return absl::OkStatus();
  absl::Status deleted = store_->DeleteRecords({first_new, batch.end()});
  if (!deleted.ok()) return deleted;
  // Embeddings in memory.
  return runtime_.engine().catalog.DropDeadRows(CollectionId::kGraduates);
}

absl::Status ErasureRunner::Purge(Batch& batch) {
  for (int round = 0; round < kMostRounds && !batch.empty(); ++round) {
    if (round > 0) {
      absl::Status deleted = store_->DeleteRecords(batch);
      if (!deleted.ok()) return deleted;
    }
    const auto search = store_->PurgeFiles(batch);
    if (!search.ok()) return search.status();
    std::set<size_t> left;
    for (const auto& [file, owner] : search->found) left.insert(owner);
    Batch clean;
    Batch again;
    for (size_t i = 0; i < batch.size(); ++i) {
      (left.contains(i) ? again : clean).push_back(std::move(batch[i]));
    }
    batch = std::move(again);
    if (clean.empty()) continue;
    if (absl::Status told = TellOfSnapshots(clean); !told.ok()) {
      std::move(clean.begin(), clean.end(), std::back_inserter(batch));
      return told;
    }
    absl::Status concluded =
        store_->Conclude(clean, search->files, runtime_.clock.Now());
    Conclude(clean);
    if (!concluded.ok()) {
      std::move(clean.begin(), clean.end(), std::back_inserter(batch));
      return concluded;
    }
  }
  if (batch.empty()) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("清除 ", kMostRounds,
                   " 轮后仍有文件含有已删除的数据；稍后再试，如仍失败请联系维护"
                   "人员"));
}

absl::Status ErasureRunner::TellOfSnapshots(Batch& batch) {
  if (snapshots_ == nullptr) return absl::OkStatus();
  // What they decided before goes from the journal. The erasures stay in it,
  // for the snapshots that are older, as long as those.
  absl::Status forgotten = snapshots_->Forget(batch);
  if (!forgotten.ok()) return forgotten;
  const auto holding = snapshots_->WhoHolds();
  if (!holding.ok()) return holding.status();
  for (PendingErasure& erasure : batch) {
    v1::ErasureReceipt& receipt = *erasure.stored.mutable_receipt();
    receipt.set_data_snapshots(holding->snapshots);
    if (holding->snapshots == 0) continue;
    *receipt.mutable_snapshots_expire_time() = ToTimestamp(holding->until);
  }
  return absl::OkStatus();
}

void ErasureRunner::Conclude(const Batch& clean) {
  runtime_.log.Log(LogLevel::kInfo, kComponent, "erasures_purged",
                   {{LogField::kCount, static_cast<int64_t>(clean.size())}});
  for (const PendingErasure& erasure : clean) {
    waiting_room_.WakeAll(erasure.id);
  }
}

void ErasureRunner::Fail(Batch& batch, absl::string_view why) {
  for (PendingErasure& erasure : batch) {
    const absl::Status marked = store_->Fail(erasure, S(why));
    if (!marked.ok()) return;  // not even this: the next start takes it up
    waiting_room_.WakeAll(erasure.id);
  }
}

}  // namespace gradmatch
