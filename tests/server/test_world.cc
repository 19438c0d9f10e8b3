#include "tests/server/test_world.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "google/longrunning/operations.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gradmatch/v1/push_service.pb.h"
#include "gradmatch/v1/snapshot_service.pb.h"
#include "index/vault/seal_keys.h"
#include "tests/server/any_call.h"

namespace gradmatch {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

const MethodDescriptor& MethodOf(const std::string& name) {
  for (const MethodDescriptor* method : AllMethods()) {
    if (ShortName(*method) == name) return *method;
  }
  std::fprintf(stderr, "test world: no method %s\n", name.c_str());
  std::abort();
}

constexpr char kGraduate[] = R"({
  "graduate": {
    "name": "$NAME", "classCode": "c-1", "lifecycle": "LIFECYCLE_ACTIVE",
    "profile": {
      "educations": [{
        "level": "EDUCATION_LEVEL_BACHELOR",
        "school": {"system": "school", "code": "4144010558"},
        "majors": [{"system": "undergraduate", "code": "080902"}],
        "graduationTime": "2026-06-30T16:00:00Z"}],
      "intent": {"places": [{"system": "region", "code": "440300"}]},
      "region": {"system": "region", "code": "440000"},
      "skills": ["Java"]},
    "preferences": {}},
  "updateMask": "profile,preferences,lifecycle,class_code",
  "allowMissing": true})";

constexpr char kPosting[] = R"({
  "posting": {
    "name": "sources/gd/postings/$NAME", "sourcePostingId": "$NAME",
    "title": "软件工程师", "employer": {"name": "深圳市示例科技有限公司$NAME"},
    "locations": [{"region": {"system": "region", "code": "440300"}}],
    "education": {"minLevel": "EDUCATION_LEVEL_BACHELOR"},
    "openings": 30, "description": "负责后端服务的开发与维护，熟悉 Java。",
    "state": "STATE_OPEN", "expireTime": "2026-06-01T00:00:00Z"},
  "updateMask": "*", "allowMissing": true})";

constexpr char kContent[] = R"({
  "content": {
    "name": "contents/$NAME", "kind": "CONTENT_KIND_POLICY",
    "title": "就业补贴办法", "text": "毕业生可以申请补贴。",
    "state": "STATE_OPEN", "publishTime": "2026-02-01T00:00:00Z"},
  "updateMask": "*", "allowMissing": true})";

std::string Named(const char* json, const std::string& name) {
  return absl::StrReplaceAll(json, {{"$NAME", name}});
}

void EndIfNotOk(const absl::Status& status, const std::string& method,
                const std::string& json) {
  if (status.ok()) return;
  std::fprintf(stderr, "test world: %s: %s\n%s\n", method.c_str(),
               status.ToString().c_str(), json.c_str());
  std::abort();
}

}  // namespace

TestServer::Settings TestWorld::Settings(const std::string& folder) {
  const std::string keys = folder + "/seal-keys";
  const absl::Status made = NewSealKeyFile(keys);
  if (!made.ok()) {
    std::fprintf(stderr, "test world: %s\n", made.ToString().c_str());
    std::abort();
  }
  return {{"privacy.seal_key_file", keys},
          {"snapshot.folder", folder + "/snapshots"}};
}

TestWorld::TestWorld(TestServer& server,
                     std::shared_ptr<grpc::Channel> of_operator)
    : server_(server), of_operator_(std::move(of_operator)) {
  server_.AddSource("gd");
  server_.AddSource("empty");
  Restore();
  // Enough for the least group of MatchGraduates.
  for (int i = 0; i < 12; ++i) {
    Do("GraduateService.UpdateGraduate",
       Named(kGraduate, absl::StrCat("graduates/crowd-", i)));
  }
  MakeRun();
}

absl::Status TestWorld::Call(const std::string& method, const std::string& json,
                             Message* response) {
  return CallOn(server_.channel(), method, json, response);
}

absl::Status TestWorld::CallOn(const std::shared_ptr<grpc::Channel>& channel,
                               const std::string& method,
                               const std::string& json, Message* response) {
  const MethodDescriptor& descriptor = MethodOf(method);
  const std::unique_ptr<Message> request = NewRequest(descriptor);
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(Fill(json), request.get());
  if (!parsed.ok()) return absl::InvalidArgumentError(parsed.ToString());
  std::unique_ptr<Message> answer;
  absl::Status status = CallAny(channel, descriptor, *request, &answer);
  if (status.ok() && response != nullptr) response->CopyFrom(*answer);
  return status;
}

void TestWorld::Do(const std::string& method, const std::string& json,
                   Message* response) {
  EndIfNotOk(Call(method, json, response), method, json);
}

void TestWorld::DoAsOperator(const std::string& method, const std::string& json,
                             Message* response) {
  const std::shared_ptr<grpc::Channel> channel =
      of_operator_ == nullptr ? server_.channel() : of_operator_;
  EndIfNotOk(CallOn(channel, method, json, response), method, json);
}

void TestWorld::MakeRun() {
  operation_ = "operations/push-run-1";
  Do("Operations.WaitOperation",
     R"({"name": "operations/push-run-1", "timeout": "20s"})");
  v1::ListPushItemsResponse items;
  Do("PushService.ListPushItems", R"({"parent": "pushRuns/run-1"})", &items);
  if (items.push_items_size() > 0) push_id_ = items.push_items(0).push_id();
  v1::MatchPostingsResponse matches;
  Do("MatchService.MatchPostings", R"({"graduate": "graduates/g-1"})",
     &matches);
  token_ = matches.attribution_token();
  google::longrunning::Operation erasing;
  Do("GraduateService.EraseGraduate",
     R"({"name": "graduates/$FRESH", "purpose": "试验"})", &erasing);
  v1::EraseGraduateMetadata metadata;
  erasing.metadata().UnpackTo(&metadata);
  erasure_ = metadata.erasure();
  Restore();
}

void TestWorld::Restore() {
  fresh_ = absl::StrCat("fresh-", ++restorations_);
  Do("SourceService.UpdateSource",
     R"({"source": {"name": "sources/empty", "displayName": "空"},
         "updateMask": "display_name", "allowMissing": true})");
  for (const char* posting : {"A-1", "A-2", "A-3"}) {
    Do("PostingService.UpdatePosting", Named(kPosting, posting));
  }
  // What was decided stays until it is taken back.
  for (const char* graduate : {"g-1", "g-placed"}) {
    Call("GraduateService.RevokePlacement",
         absl::StrCat(R"({"name": "graduates/)", graduate,
                      R"(", "purpose": "试验"})"))
        .IgnoreError();
  }
  for (const char* graduate : {"g-1", "g-frozen"}) {
    Call("GraduateService.UnfreezeGraduate",
         absl::StrCat(R"({"name": "graduates/)", graduate,
                      R"(", "purpose": "试验"})"))
        .IgnoreError();
  }
  for (const std::string& graduate :
       {std::string("g-1"), std::string("g-placed"), std::string("g-frozen"),
        fresh_}) {
    Do("GraduateService.UpdateGraduate",
       Named(kGraduate, absl::StrCat("graduates/", graduate)));
  }
  Do("GraduateService.ReportPlacement",
     R"({"name": "graduates/g-placed",
         "placement": {"kind": "KIND_STUDY"}})");
  Do("GraduateService.FreezeGraduate",
     R"({"name": "graduates/g-frozen", "purpose": "试验"})");
  for (const char* plan : {"nightly", "old"}) {
    Do("PushService.UpdatePushPlan",
       absl::StrCat(R"({"pushPlan": {"name": "pushPlans/)", plan,
                    R"(", "slots": 2}, "updateMask": "slots",
                       "allowMissing": true})"));
  }
  // The same run each time; its operation may have been deleted.
  Do("PushService.RunPushPlan",
     R"({"name": "pushPlans/nightly", "pushRunId": "run-1"})");
  v1::ListTagsResponse tags;
  Do("GraduateService.ListTags", R"({"parent": "graduates/g-1"})", &tags);
  if (tags.tags_size() > 0) tag_ = tags.tags(0).name();
  for (const char* content : {"c-1", "c-2"}) {
    Do("ContentService.UpdateContent", Named(kContent, content));
  }
  for (const char* staff : {"s-1", "s-2"}) {
    Do("StaffService.UpdateStaff",
       absl::StrCat(R"({"staff": {"name": "staff/)", staff,
                    R"(", "kind": "KIND_COUNSELLOR",
                       "schools": ["4144010558"]},
                       "updateMask": "kind,schools",
                       "allowMissing": true})"));
  }
  for (const std::string& token :
       {std::string("world"), absl::StrCat(fresh_, "-r")}) {
    Call("TokenService.CreateToken",
         absl::StrCat(R"({"tokenId": ")", token,
                      R"(", "token": {"role": "ROLE_VIEWER"}})"))
        .IgnoreError();
  }
  RestoreSnapshot();
}

void TestWorld::RestoreSnapshot() {
  const auto wait = [this](const std::string& name) {
    DoAsOperator(
        "Operations.WaitOperation",
        absl::StrCat(R"({"name": ")", name, R"(", "timeout": "20s"})"));
  };
  google::longrunning::ListOperationsResponse operations;
  DoAsOperator("Operations.ListOperations", R"({"pageSize": 1000})",
               &operations);
  for (const auto& operation : operations.operations()) {
    const bool ours = operation.name().find("/snapshot-") != std::string::npos;
    if (ours && !operation.done()) wait(operation.name());
  }
  v1::ListDataSnapshotsResponse list;
  DoAsOperator("SnapshotService.ListDataSnapshots", "{}", &list);
  if (list.data_snapshots().empty()) {
    google::longrunning::Operation operation;
    DoAsOperator("SnapshotService.CreateDataSnapshot", "{}", &operation);
    wait(operation.name());
    DoAsOperator("SnapshotService.ListDataSnapshots", "{}", &list);
  }
  if (list.data_snapshots().empty()) {
    std::cerr << "no data snapshot was made\n";
    std::abort();
  }
  snapshot_ = list.data_snapshots(0).name();
}

std::string TestWorld::Fill(const std::string& text) const {
  return absl::StrReplaceAll(text, {{"$FRESH", fresh_},
                                    {"$TAG", tag_},
                                    {"$PUSH_ID", push_id_},
                                    {"$TOKEN", token_},
                                    {"$ERASURE", erasure_},
                                    {"$OPERATION", operation_},
                                    {"$SNAPSHOT", snapshot_}});
}

}  // namespace gradmatch
