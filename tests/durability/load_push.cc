#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/feedback_service.grpc.pb.h"
#include "gradmatch/v1/push_service.grpc.pb.h"
#include "tests/durability/load_thread.h"

namespace gradmatch {
namespace {

using google::longrunning::Operation;
using v1::FeedbackService;
using v1::PushService;

}  // namespace

bool LoadThread::ListItems(const std::string& run,
                           std::vector<v1::PushItem>& items) {
  v1::ListPushItemsRequest request;
  request.set_parent("pushRuns/" + run);
  request.set_page_size(1'000);
  do {
    v1::ListPushItemsResponse response;
    if (!Do<PushService>(&PushService::Stub::ListPushItems, request,
                         response)) {
      return false;
    }
    for (const v1::PushItem& item : response.push_items()) {
      if (item.state() == v1::PushItem::STATE_SUPPRESSED) continue;
      // Whoever is erased takes them along.
      if (item.graduate().find("erased") != std::string::npos) continue;
      oracle_.Saw("item/" + item.name(),
                  absl::StrCat(item.push_id(), " ", item.graduate(), " ",
                               item.posting()));
      items.push_back(item);
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return true;
}

bool LoadThread::Deliver(const std::vector<v1::PushItem>& items) {
  v1::ReportDeliveriesRequest request;
  for (const v1::PushItem& item : items) {
    if (Below(2) == 0) continue;
    v1::Delivery& delivery = *request.add_deliveries();
    delivery.set_push_item(item.name());
    delivery.set_push_id(item.push_id());
    delivery.set_code(v1::Delivery::CODE_SENT);
    oracle_.Intend("delivery/" + item.name() + " " + item.push_id(), "sent");
  }
  if (request.deliveries().empty()) return true;
  v1::ReportDeliveriesResponse response;
  if (!Do<FeedbackService>(&FeedbackService::Stub::ReportDeliveries, request,
                           response)) {
    return false;
  }
  for (const v1::Delivery& delivery : request.deliveries()) {
    oracle_.Acknowledge(
        "delivery/" + delivery.push_item() + " " + delivery.push_id(), "sent");
  }
  return true;
}

bool LoadThread::React(const std::vector<v1::PushItem>& items) {
  v1::ReportEventsRequest request;
  std::vector<std::string> keys;
  for (const v1::PushItem& item : items) {
    if (Below(4) != 0) continue;
    v1::FeedbackEvent& event = *request.add_events();
    event.set_attribution_token(item.push_id());
    event.set_type(v1::FEEDBACK_TYPE_CLICK);
    event.set_graduate(item.graduate());
    event.set_posting(item.posting());
    event.set_event_id(absl::StrCat("event-", NextSerial()));
    *event.mutable_event_time() = item.create_time();
    // All that is needed to send it again.
    keys.push_back("event/" + event.ShortDebugString());
    oracle_.Intend(keys.back(), "recorded");
  }
  if (keys.empty()) return true;
  v1::ReportEventsResponse response;
  if (!Do<FeedbackService>(&FeedbackService::Stub::ReportEvents, request,
                           response)) {
    return false;
  }
  for (int i = 0; i < response.results_size(); ++i) {
    if (response.results(i).status() ==
        v1::ReportEventsResponse::Result::STATUS_REJECTED) {
      oracle_.Blame("event refused: " + response.results(i).ShortDebugString());
    } else {
      oracle_.Acknowledge(keys[i], "recorded");
    }
  }
  return true;
}

bool LoadThread::OnePush() {
  const std::string run = absl::StrCat("run-", NextSerial());
  v1::RunPushPlanRequest request;
  request.set_name("pushPlans/plan");
  request.set_push_run_id(run);
  oracle_.Intend("run/" + run, "there");
  Operation operation;
  if (!Do<PushService>(&PushService::Stub::RunPushPlan, request, operation)) {
    return false;
  }
  oracle_.Acknowledge("run/" + run, "there");
  std::vector<v1::PushItem> items;
  if (!AwaitOperation(operation.name()) || !ListItems(run, items)) {
    return false;
  }
  if (!Deliver(items) || !React(items)) return false;
  // Others are to have something of the disk too.
  absl::SleepFor(absl::Milliseconds(Below(60)));
  return true;
}

}  // namespace gradmatch
