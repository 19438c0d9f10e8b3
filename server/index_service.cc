#include "server/index_service.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/catalog.h"
#include "index/keys.h"
#include "matcher/ingest/field_checks.h"
#include "server/idempotency.h"
#include "server/resource_name.h"

namespace gradmatch {
namespace {

constexpr int kStandardSample = 200;
constexpr int kMaxSample = 10'000;
constexpr int kMaxDepth = 1'000;
constexpr int kMaxDepths = 10;
constexpr int kStandardDepths[] = {10, 100};

std::string IndexNameOf(CollectionId collection) {
  return absl::StrCat("indexes/", A(CollectionName(collection)));
}

absl::Status ReadLastRecall(const Engine& engine, CollectionId collection,
                            v1::Index& index) {
  const auto bytes =
      engine.store.Get(Family::kMeta, RecallKey(CollectionName(collection)));
  if (absl::IsNotFound(bytes.status())) return absl::OkStatus();
  if (!bytes.ok()) return bytes.status();
  if (!index.mutable_last_recall()->ParseFromString(*bytes)) {
    return absl::DataLossError("a report of recall does not parse");
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Index> Describe(const Engine& engine,
                                   CollectionId collection) {
  const auto snapshot = engine.catalog.CurrentSnapshot(collection);
  v1::Index index;
  index.set_name(IndexNameOf(collection));
  index.set_generation(static_cast<int64_t>(snapshot->generation()));
  index.set_encoder(engine.catalog.options().encoder_id);
  index.set_dimension(static_cast<int32_t>(engine.catalog.options().dimension));
  index.set_live_rows(static_cast<int64_t>(snapshot->live_rows()));
  int64_t rows = 0;
  for (const SegmentView& view : snapshot->segments()) {
    rows += static_cast<int64_t>(view.segment->rows());
  }
  // Graduates have no rows in memory: who looks for them reads their records.
  if (collection == CollectionId::kGraduates) {
    rows = static_cast<int64_t>(engine.catalog.Counts(collection).records);
    index.set_live_rows(rows);
  }
  index.set_rows(rows);
  index.set_segments(static_cast<int32_t>(snapshot->segments().size()));
  index.set_memory_bytes(static_cast<int64_t>(snapshot->MemoryBytes()));
  absl::Status read = ReadLastRecall(engine, collection, index);
  if (!read.ok()) return read;
  return index;
}

absl::StatusOr<CollectionId> CollectionOf(const std::string& name) {
  const auto ids = ParseResourceName("name", "indexes/{index}", name);
  if (!ids.ok()) return ids.status();
  for (int i = 0; i < kCollectionCount; ++i) {
    const auto collection = static_cast<CollectionId>(i);
    if (CollectionName(collection) == ids->front()) return collection;
  }
  return MakeError(
      absl::StatusCode::kNotFound, kIndexNotFound,
      absl::StrCat("没有索引 ", name, "；可用 ListIndexes 查看已有索引"),
      {{"name", name}});
}

absl::Status OutOfRange(std::string field, int64_t value,
                        const std::string& allowed) {
  return InvalidField(kFieldOutOfRange,
                      {std::move(field), absl::StrCat(value), allowed, ""});
}

absl::StatusOr<v1::StoredRecallRun> ParseMeasurement(
    const v1::MeasureRecallRequest& request) {
  const auto collection = CollectionOf(request.name());
  if (!collection.ok()) return collection.status();
  if (*collection != CollectionId::kPostings) {
    return InvalidField(
        kFieldInvalid,
        {"name", request.name(), "indexes/postings", "indexes/postings"});
  }
  if (request.sample() < 0 || request.sample() > kMaxSample) {
    return OutOfRange(
        "sample", request.sample(),
        absl::StrCat("1 至 ", kMaxSample, "，或 0 表示 ", kStandardSample));
  }
  if (request.k_size() > kMaxDepths) {
    return OutOfRange("k", request.k_size(),
                      absl::StrCat("至多 ", kMaxDepths, " 项"));
  }
  v1::StoredRecallRun run;
  run.set_index(std::string(CollectionName(*collection)));
  run.set_sample(request.sample() == 0 ? kStandardSample : request.sample());
  run.set_seed(request.seed());
  for (int i = 0; i < request.k_size(); ++i) {
    if (request.k(i) < 1 || request.k(i) > kMaxDepth) {
      return OutOfRange(Indexed("k", i), request.k(i),
                        absl::StrCat("1 至 ", kMaxDepth));
    }
    run.add_k(request.k(i));
  }
  if (run.k().empty()) {
    for (int k : kStandardDepths) run.add_k(k);
  }
  return run;
}

absl::Status Measure(const Engine& engine, RecallRunner& recall,
                     const RpcContext& rpc,
                     const v1::MeasureRecallRequest& request,
                     google::longrunning::Operation& response) {
  auto run = ParseMeasurement(request);
  if (!run.ok()) return run.status();
  return RunIdempotent(engine.requests, rpc, request, response,
                       [&](const AnswerLog& answers) -> absl::Status {
                         auto operation = recall.Begin(
                             *run,
                             [&](const google::longrunning::Operation& begun) {
                               WriteBatch batch;
                               answers.AddTo(batch, begun);
                               return batch;
                             });
                         if (operation.ok()) response = *std::move(operation);
                         return operation.status();
                       });
}

}  // namespace

grpc::ServerUnaryReactor* IndexServiceImpl::GetIndex(
    grpc::CallbackServerContext* context, const v1::GetIndexRequest* request,
    v1::Index* response) {
  return RunUnary(
      runtime_, context, request, response, "IndexService.GetIndex",
      [this](const RpcContext&, const auto& q, auto& r) -> absl::Status {
        const auto collection = CollectionOf(q.name());
        if (!collection.ok()) return collection.status();
        auto index = Describe(runtime_.engine(), *collection);
        if (index.ok()) r = *std::move(index);
        return index.status();
      });
}

grpc::ServerUnaryReactor* IndexServiceImpl::ListIndexes(
    grpc::CallbackServerContext* context, const v1::ListIndexesRequest* request,
    v1::ListIndexesResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "IndexService.ListIndexes",
      [this](const RpcContext&, const auto&, auto& r) -> absl::Status {
        for (int i = 0; i < kCollectionCount; ++i) {
          auto index =
              Describe(runtime_.engine(), static_cast<CollectionId>(i));
          if (!index.ok()) return index.status();
          *r.add_indexes() = *std::move(index);
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* IndexServiceImpl::MeasureRecall(
    grpc::CallbackServerContext* context,
    const v1::MeasureRecallRequest* request,
    google::longrunning::Operation* response) {
  return RunUnary(
      runtime_, context, request, response, "IndexService.MeasureRecall",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Measure(runtime_.engine(), recall_, rpc, q, r);
      });
}

}  // namespace gradmatch
