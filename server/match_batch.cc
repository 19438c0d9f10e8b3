#include "server/match_batch.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/mutex.h"
#include "index/catalog.h"
#include "index/keys.h"
#include "index/pseudonym.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/graduate_ingester.h"
#include "matcher/matcher.h"
#include "matcher/push/dismissed.h"
#include "server/answer_token.h"
#include "server/graduate_kind.h"
#include "server/page_token.h"
#include "server/parallel_for.h"
#include "server/resource_name.h"
#include "server/row_error.h"

namespace gradmatch {
namespace {

constexpr int kMaxGraduates = 200;
// Answered between two looks at how full the response is.
constexpr size_t kGraduatesPerRound = 32;
using Result = v1::BatchMatchPostingsResponse::Result;
using Records = std::vector<std::optional<Record>>;

// Reads records of postings, each once. May be used by many threads.
class SharedReader {
 public:
  explicit SharedReader(const Catalog& catalog) : catalog_(catalog) {}

  absl::StatusOr<Records> Read(std::span<const std::string> keys) {
    std::vector<std::string> missing;
    {
      MutexLock lock(mu_);
      for (const std::string& key : keys) {
        if (!known_.contains(key)) missing.push_back(key);
      }
    }
    auto read = catalog_.MultiGet(CollectionId::kPostings, missing);
    if (!read.ok()) return read.status();
    MutexLock lock(mu_);
    for (size_t i = 0; i < missing.size(); ++i) {
      known_.try_emplace(missing[i], std::move((*read)[i]));
    }
    Records records;
    for (const std::string& key : keys) {
      records.push_back(known_.find(key)->second);
    }
    return records;
  }

 private:
  const Catalog& catalog_;
  Mutex mu_;
  std::map<std::string, std::optional<Record>, std::less<>> known_
      ABSL_GUARDED_BY(mu_);
};

absl::StatusOr<std::vector<std::string>> ParseGraduates(
    const Engine& engine, const v1::BatchMatchPostingsRequest& request) {
  const int count = request.graduates_size();
  if (count == 0 || count > kMaxGraduates) {
    return InvalidField(count == 0 ? kFieldMissing : kBatchTooLarge,
                        {"graduates", absl::StrCat(count, " 项"),
                         absl::StrCat("1 至 ", kMaxGraduates, " 项"), ""});
  }
  std::vector<std::string> keys;
  std::set<std::string> seen;
  for (int i = 0; i < count; ++i) {
    const std::string field = Indexed("graduates", i);
    const auto id = ParseGraduateName(field, request.graduates(i));
    if (!id.ok()) return id.status();
    if (!seen.insert(*id).second) {
      return InvalidField(kDuplicateId,
                          {field, request.graduates(i),
                           "每名毕业生在一次请求中至多出现一次", ""});
    }
    keys.push_back(GraduateKey(engine.pseudonyms.Of(*id)));
  }
  return keys;
}

std::string EtagIn(const std::optional<Record>& record) {
  return record.has_value() ? record->head.etag : "";
}

v1::RowError ResponseFull() {
  v1::RowError error = MakeRowError(kBatchTooLarge, "graduates", "", "");
  error.set_message(
      "应答已达大小上限，该毕业生及其后的未计算；请另行请求，或减少 page_size");
  return error;
}

// What all answers of a batch share.
class Batch {
 public:
  Batch(Runtime& runtime, const RpcContext& rpc,
        const v1::BatchMatchPostingsRequest& request)
      : runtime_(runtime),
        engine_(runtime.engine()),
        rpc_(rpc),
        request_(request),
        now_(runtime.clock.Now()),
        snapshot_(engine_.matcher.CurrentSnapshot()),
        reader_(engine_.catalog) {}

  absl::Status Read();
  absl::Status Run(size_t max_bytes, v1::BatchMatchPostingsResponse& response);

 private:
  // Answer, made again when the graduate's record changed meanwhile: nothing is
  // sent that goes against what a graduate was told is in force.
  absl::Status AnswerFromCurrent(size_t i, Result& result);
  // All of `result`, its error included; an error of its own ends the batch.
  absl::Status Answer(size_t i, Result& result);
  absl::Status Match(size_t i, Result& result);

  Runtime& runtime_;
  const Engine& engine_;
  const RpcContext& rpc_;
  const v1::BatchMatchPostingsRequest& request_;
  const absl::Time now_;
  const std::shared_ptr<const Snapshot> snapshot_;
  SharedReader reader_;
  size_t page_size_ = 0;
  std::vector<std::string> keys_;
  Records graduates_;
};

absl::Status Batch::Read() {
  const auto size = PageSize(request_.page_size(), 10, 20);
  if (!size.ok()) return size.status();
  page_size_ = static_cast<size_t>(*size);
  auto keys = ParseGraduates(engine_, request_);
  if (!keys.ok()) return keys.status();
  keys_ = *std::move(keys);
  auto records = engine_.catalog.MultiGet(CollectionId::kGraduates, keys_);
  if (!records.ok()) return records.status();
  graduates_ = *std::move(records);
  return absl::OkStatus();
}

absl::Status Batch::Answer(size_t i, Result& result) {
  result.set_graduate(request_.graduates(static_cast<int>(i)));
  absl::Status status = Match(i, result);
  if (status.ok() || !IsRowError(status)) return status;
  *result.mutable_error() = ToRowError(status);
  return absl::OkStatus();
}

absl::Status Batch::AnswerFromCurrent(size_t i, Result& result) {
  while (true) {
    result.Clear();
    absl::Status answered = Answer(i, result);
    if (!answered.ok()) return answered;
    auto now = engine_.catalog.MultiGet(CollectionId::kGraduates,
                                        std::span(&keys_[i], 1));
    if (!now.ok()) return now.status();
    if (EtagIn(now->front()) == EtagIn(graduates_[i])) return absl::OkStatus();
    graduates_[i] = std::move(now->front());
    absl::Status go_on = rpc_.Check();
    if (!go_on.ok()) return go_on;
  }
}

absl::Status Batch::Match(size_t i, Result& result) {
  const std::optional<Record>& record = graduates_[i];
  if (!record.has_value() || !record->head.exists) return GraduateNotFound();
  const auto graduate = GraduateFromRecord(*record);
  if (!graduate.ok()) return graduate.status();
  auto left_out = DismissedGroups(engine_.store, *snapshot_, keys_[i]);
  if (!left_out.ok()) return left_out.status();
  MatchOptions options;
  options.limit = page_size_;
  options.eligible_only = request_.eligible_only();
  options.left_out = *std::move(left_out);
  options.snapshot = snapshot_.get();
  options.read = [this](std::span<const std::string> keys) {
    return reader_.Read(keys);
  };
  options.stop = [this] { return rpc_.Check(); };
  auto answer = engine_.matcher.Match(*graduate, options, now_);
  if (!answer.ok()) return answer.status();
  for (v1::Match& match : answer->matches) {
    *result.add_matches() = std::move(match);
  }
  *result.mutable_trace() = std::move(answer->trace);
  result.set_attribution_token(AnswerToken(
      engine_, rpc_, request_, result.trace().versions(), keys_[i], now_));
  return absl::OkStatus();
}

absl::Status Batch::Run(size_t max_bytes,
                        v1::BatchMatchPostingsResponse& response) {
  const ParallelFor parallel = MakeParallelFor(runtime_.workers);
  size_t bytes = 0;
  bool full = false;
  for (size_t begin = 0; begin < keys_.size(); begin += kGraduatesPerRound) {
    const size_t count = std::min(kGraduatesPerRound, keys_.size() - begin);
    std::vector<Result> results(count);
    std::vector<absl::Status> ends(count);
    if (!full) {
      parallel(count, [&](size_t i) {
        ends[i] = internal::Guarded(
            [&] { return AnswerFromCurrent(begin + i, results[i]); });
      });
    }
    for (size_t i = 0; i < count; ++i) {
      if (!ends[i].ok()) return ends[i];
      bytes += results[i].ByteSizeLong();
      full = full || bytes > max_bytes;
      if (full) {
        results[i].Clear();
        results[i].set_graduate(
            request_.graduates(static_cast<int>(begin + i)));
        *results[i].mutable_error() = ResponseFull();
      }
      *response.add_results() = std::move(results[i]);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status BatchMatchPostings(Runtime& runtime, size_t max_bytes,
                                const RpcContext& rpc,
                                const v1::BatchMatchPostingsRequest& request,
                                v1::BatchMatchPostingsResponse& response) {
  Batch batch(runtime, rpc, request);
  absl::Status read = batch.Read();
  return read.ok() ? batch.Run(max_bytes, response) : read;
}

}  // namespace gradmatch
