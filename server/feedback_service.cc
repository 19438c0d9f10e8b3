#include "server/feedback_service.h"

#include <charconv>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/keys.h"
#include "index/pseudonym.h"
#include "matcher/ingest/field_checks.h"
#include "server/feedback_events.h"
#include "server/idempotency.h"
#include "server/resource_name.h"

namespace gradmatch {
namespace {

constexpr int kMaxDeliveries = 500;
constexpr size_t kMaxReasonBytes = 1000;
using Result = v1::ReportDeliveriesResponse::Result;

absl::StatusOr<DeliveryReport> ParseDelivery(const std::string& path,
                                             const v1::Delivery& delivery) {
  auto ids =
      ParseResourceName(path + ".push_item", "pushRuns/{push_run}/items/{item}",
                        delivery.push_item());
  if (!ids.ok()) return ids.status();
  DeliveryReport report;
  report.run_id = ids->front();
  report.push_id = delivery.push_id();
  report.channel_reason = delivery.channel_reason();
  const std::string& item = ids->back();
  const auto [end, error] =
      std::from_chars(item.data(), item.data() + item.size(), report.number);
  // An id no item has: looked for and not found.
  const bool is_number =
      error == std::errc() && end == item.data() + item.size();
  if (!is_number || item.size() != 10) report.number = -1;
  switch (delivery.code()) {
    case v1::Delivery::CODE_SENT:
      report.code = DeliveryReport::Code::kSent;
      break;
    case v1::Delivery::CODE_REFUSED:
      report.code = DeliveryReport::Code::kRefused;
      break;
    case v1::Delivery::CODE_BOUNCED:
      report.code = DeliveryReport::Code::kBounced;
      break;
    default:
      return InvalidField(kFieldInvalid,
                          {path + ".code", absl::StrCat(delivery.code()),
                           "CODE_SENT、CODE_REFUSED 或 CODE_BOUNCED", ""});
  }
  if (report.channel_reason.size() > kMaxReasonBytes) {
    return InvalidField(kFieldTooLong,
                        {path + ".channel_reason",
                         absl::StrCat(report.channel_reason.size(), " 字节"),
                         absl::StrCat("至多 ", kMaxReasonBytes, " 字节"), ""});
  }
  if (!delivery.has_delivery_time()) return report;
  FieldChecks check;
  check.Time(path + ".delivery_time", delivery.delivery_time());
  if (check.ok()) return report;
  const v1::RowError bad = check.Take().front();
  return InvalidField(bad.reason(),
                      {bad.field(), bad.value(), bad.allowed(), bad.nearest()});
}

absl::StatusOr<std::vector<DeliveryReport>> ParseDeliveries(
    const v1::ReportDeliveriesRequest& request) {
  const int count = request.deliveries_size();
  if (count == 0 || count > kMaxDeliveries) {
    return InvalidField(count == 0 ? kFieldMissing : kBatchTooLarge,
                        {"deliveries", absl::StrCat(count, " 项"),
                         absl::StrCat("1 至 ", kMaxDeliveries, " 项"), ""});
  }
  std::vector<DeliveryReport> reports;
  std::set<std::string> seen;
  for (int i = 0; i < count; ++i) {
    const std::string path = absl::StrCat("deliveries[", i, "]");
    const v1::Delivery& delivery = request.deliveries(i);
    auto report = ParseDelivery(path, delivery);
    if (!report.ok()) return report.status();
    if (!seen.insert(delivery.push_item()).second) {
      return InvalidField(kDuplicateId,
                          {path + ".push_item", delivery.push_item(),
                           "每个推送条目在一次请求中至多出现一次", ""});
    }
    reports.push_back(*std::move(report));
  }
  return reports;
}

Result::Status StatusOf(DeliveryOutcome outcome) {
  switch (outcome) {
    case DeliveryOutcome::kRecorded:
      return Result::STATUS_RECORDED;
    case DeliveryOutcome::kUnchanged:
      return Result::STATUS_UNCHANGED;
    case DeliveryOutcome::kNotFound:
      return Result::STATUS_NOT_FOUND;
    case DeliveryOutcome::kMismatch:
      return Result::STATUS_MISMATCH;
  }
  return Result::STATUS_UNSPECIFIED;
}

absl::Status Report(const Engine& engine, PushStore& store,
                    const RpcContext& rpc,
                    const v1::ReportDeliveriesRequest& request,
                    v1::ReportDeliveriesResponse& response) {
  const auto reports = ParseDeliveries(request);
  if (!reports.ok()) return reports.status();
  return RunIdempotent(
      engine.requests, rpc, request, response,
      [&](const AnswerLog& answers) -> absl::Status {
        const auto answer = [&](std::span<const DeliveryOutcome> outcomes) {
          for (size_t i = 0; i < outcomes.size(); ++i) {
            Result* result = response.add_results();
            result->set_push_item(
                request.deliveries(static_cast<int>(i)).push_item());
            result->set_status(StatusOf(outcomes[i]));
          }
          WriteBatch batch;
          answers.AddTo(batch, response);
          return batch;
        };
        return store
            .RecordDeliveries(
                *reports,
                [&](std::string_view id) {
                  return GraduateKey(engine.pseudonyms.Of(id));
                },
                answer)
            .status();
      });
}

}  // namespace

grpc::ServerUnaryReactor* FeedbackServiceImpl::ReportDeliveries(
    grpc::CallbackServerContext* context,
    const v1::ReportDeliveriesRequest* request,
    v1::ReportDeliveriesResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "FeedbackService.ReportDeliveries",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        auto store = runner_.store();
        if (!store.ok()) return store.status();
        return Report(runtime_.engine(), **store, rpc, q, r);
      });
}

grpc::ServerUnaryReactor* FeedbackServiceImpl::ReportEvents(
    grpc::CallbackServerContext* context,
    const v1::ReportEventsRequest* request,
    v1::ReportEventsResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "FeedbackService.ReportEvents",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        auto store = runner_.store();
        if (!store.ok()) return store.status();
        return gradmatch::ReportEvents(runtime_.engine(), **store, rpc,
                                       runtime_.clock.Now(), q, r);
      });
}

}  // namespace gradmatch
