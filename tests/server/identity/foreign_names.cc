#include "tests/server/identity/foreign_names.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/util/json_util.h"
#include "gradmatch/v1/content_service.grpc.pb.h"
#include "gradmatch/v1/token_service.grpc.pb.h"
#include "tests/server/any_call.h"

namespace gradmatch {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// One call as `who`; ends the program when it fails.
std::string Do(IdentityWorld& world, const std::string& who,
               const std::string& method, const std::string& json) {
  for (const auto* descriptor : AllMethods()) {
    if (ShortName(*descriptor) != method) continue;
    auto request = NewRequest(*descriptor);
    const auto parsed = google::protobuf::util::JsonStringToMessage(
        world.Fill(json), request.get());
    std::unique_ptr<Message> response;
    const auto channel = world.server().ChannelWith(
        who == "operator" ? world.bootstrap() : world.Bearer(who));
    const absl::Status status =
        parsed.ok() ? CallAny(channel, *descriptor, *request, &response)
                    : absl::InvalidArgumentError(parsed.ToString());
    if (status.ok()) return response->DebugString();
    std::fprintf(stderr, "foreign names: %s: %s\n%s\n", method.c_str(),
                 status.ToString().c_str(), json.c_str());
    std::abort();
  }
  std::fprintf(stderr, "foreign names: no method %s\n", method.c_str());
  std::abort();
}

// The text of a field of an answer; empty when it is not there.
std::string Part(const std::string& answer, const std::string& field) {
  const std::string begin = field + ": \"";
  const size_t at = answer.find(begin);
  if (at == std::string::npos) return "";
  const size_t from = at + begin.size();
  return answer.substr(from, answer.find('"', from) - from);
}

constexpr char kPosting[] = R"({
  "parent": "sources/gd", "requestId": "victims-own-id", "posting": {
    "sourcePostingId": "$ID", "title": "CANARYPOSTING 工程师$ID",
    "employer": {"name": "深圳市示例科技有限公司$ID"},
    "locations": [{"region": {"system": "region", "code": "440300"}}],
    "education": {"minLevel": "EDUCATION_LEVEL_BACHELOR"}, "openings": 3,
    "description": "$TEXT", "expireTime": "2026-06-01T00:00:00Z"}})";

std::string PostingJson(const std::string& id, const std::string& text) {
  return absl::StrReplaceAll(kPosting, {{"$ID", id}, {"$TEXT", text}});
}

void FillTenant(IdentityWorld& world) {
  Do(world, "source", "PostingService.CreatePosting",
     PostingJson("secret-1", "负责后端，CANARYPOSTING。"));
  std::string quarantined =
      PostingJson("secret-q", "CANARYPOSTING，入职须先交押金 500 元。");
  quarantined = absl::StrReplaceAll(quarantined, {{"victims-own-id", "q-id"}});
  Do(world, "source", "PostingService.CreatePosting", quarantined);
  Do(world, "source", "ContentService.UpdateContent",
     R"({"content": {"name": "contents/gd.c-1", "source": "sources/gd",
         "text": "CANARYPOSTING 补贴"}, "updateMask": "text"})");
  Do(world, "source", "PostingService.SyncPostings",
     R"({"begin": {"source": "sources/gd", "mode": "SYNC_MODE_INCREMENTAL",
         "requestId": "victims-sync-id"}})");
  Do(world, "platform", "GraduateService.UpdateGraduate",
     R"({"graduate": {"name": "graduates/g-1",
         "profile": {"skills": ["Java", "CANARYPERSON"]}},
         "updateMask": "profile.skills"})");
  Do(world, "staff", "StaffService.RecommendPosting",
     R"({"staff": "staff/s-1", "graduate": "graduates/g-1",
         "posting": "sources/gd/postings/secret-1", "note": "CANARYPERSON"})");
}

ForeignName Named(const std::string& there, const std::string& absent,
                  const std::string& other) {
  return {there, {absent, other}};
}

// A token that nobody made, as long as the one that somebody did.
ForeignName Sealed(const std::string& token) {
  ForeignName name{token, {token, token}};
  if (token.empty()) std::abort();
  name.absent[0][0] = token[0] == 'A' ? 'B' : 'A';
  name.absent[1][1] = token[1] == 'A' ? 'B' : 'A';
  return name;
}

// Fields to `depth` messages deep; types of Google's are no names.
void AddFields(const google::protobuf::Descriptor& type, int depth,
               const TextField& prefix, std::vector<TextField>& out) {
  if (depth == 0) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    TextField path = prefix;
    path.push_back(field);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      if (field->type() == FieldDescriptor::TYPE_STRING) out.push_back(path);
    } else if (field->message_type() != nullptr && !field->is_map() &&
               !absl::StartsWith(field->message_type()->full_name(),
                                 "google.")) {
      AddFields(*field->message_type(), depth - 1, path, out);
    }
  }
}

}  // namespace

std::vector<ForeignName> MakeForeignNames(IdentityWorld& world) {
  FillTenant(world);
  std::vector<ForeignName> names = {
      Named("gd", "zz", "yy"),
      Named("sources/gd", "sources/z1", "sources/y1"),
      Named("sources/gd/figures", "sources/z2/figures", "sources/y2/figures"),
      Named("sources/gd/postings/secret-1", "sources/gd/postings/secret-7",
            "sources/zz/postings/secret-1"),
      Named("sources/gd/postings/secret-q", "sources/gd/postings/secret-8",
            "sources/zz/postings/secret-q"),
      Named("secret-1", "secret-7", "secret-9"),
      Named("contents/gd.c-1", "contents/gd.c-7", "contents/zz.c-1"),
      Named("contents/c-1", "contents/c-7", "contents/c-9"),
      Named("gd.c-1", "gd.c-7", "zz.c-1"),
      Named("graduates/g-1", "graduates/g-7", "graduates/g-9"),
      Named("graduates/g-1/preferences", "graduates/g-7/preferences",
            "graduates/g-9/preferences"),
      Named("staff/s-1", "staff/s-7", "staff/s-9"),
      Named("staff/s-1/digests/run-1", "staff/s-7/digests/run-1",
            "staff/s-9/digests/run-1"),
      Named("pushRuns/run-1", "pushRuns/run-7", "pushRuns/run-9"),
      Named("pushPlans/nightly", "pushPlans/monthly", "pushPlans/yearly1"),
      Named("operations/push-run-1", "operations/push-run-7",
            "operations/push-run-9"),
      Named("victims-own-id", "absents-own-id", "nobodys-own-id"),
      Named("victims-sync-id", "absents-sync-id", "nobodys-sync-id")};
  const auto quarantined =
      Do(world, "source", "SourceService.ListQuarantineEntries",
         R"({"parent": "sources/gd", "pageSize": 1})");
  const std::string entry = Part(quarantined, "name");
  names.push_back(Named(entry, entry + "7", entry + "9"));
  names.push_back(Sealed(Part(Do(world, "source", "PostingService.ListPostings",
                                 R"({"parent": "sources/gd", "pageSize": 1})"),
                              "next_page_token")));
  names.push_back(Sealed(Part(
      Do(world, "platform", "SourceService.ListSources", R"({"pageSize": 1})"),
      "next_page_token")));
  names.push_back(
      Sealed(Part(Do(world, "platform", "ContentService.ListContents",
                     R"({"pageSize": 1})"),
                  "next_page_token")));
  names.push_back(Sealed(world.Fill("$TOKEN")));
  return names;
}

std::vector<ForeignName> ForStaff(const std::vector<ForeignName>& names) {
  std::vector<ForeignName> out;
  for (const ForeignName& name : names) {
    for (const char* own :
         {"graduates/", "staff/", "push", "operations/", "victims-"}) {
      if (absl::StartsWith(name.there, own)) out.push_back(name);
    }
  }
  return out;
}

std::string AllOfTheAttacked(IdentityWorld& world) {
  std::string all;
  const struct {
    const char* who;
    const char* method;
    const char* json;
  } reads[] = {
      {"platform", "SourceService.GetSource", R"({"name": "sources/gd"})"},
      {"platform", "PostingService.ListPostings",
       R"({"parent": "sources/gd", "pageSize": 1000,
           "view": "POSTING_VIEW_FULL"})"},
      {"platform", "SourceService.GetSourceFigures",
       R"({"name": "sources/gd/figures"})"},
      {"platform", "SourceService.ListQuarantineEntries",
       R"({"parent": "sources/gd", "pageSize": 1000})"},
      {"platform", "ContentService.GetContent",
       R"({"name": "contents/gd.c-1"})"},
      {"platform", "ContentService.GetContent", R"({"name": "contents/c-1"})"},
      {"platform", "GraduateService.ListGraduates", R"({"pageSize": 1000})"},
      {"platform", "GraduateService.GetGraduate",
       R"({"name": "graduates/g-1"})"},
      {"platform", "StaffService.ListStaff", R"({"pageSize": 1000})"},
      {"platform", "StaffService.ListHandRecommendations",
       R"({"parent": "graduates/g-1"})"},
      {"platform", "PushService.ListPushPlans", "{}"},
      {"platform", "PushService.ListPushRuns", "{}"},
      {"platform", "PushService.ListPushItems",
       R"({"parent": "pushRuns/run-1", "pageSize": 1000})"},
      {"platform", "Operations.ListOperations", "{}"}};
  for (const auto& read : reads) {
    absl::StrAppend(&all, read.method, "\n",
                    Do(world, read.who, read.method, read.json));
  }
  return all;
}

std::vector<TextField> TextFieldsOf(const google::protobuf::Descriptor& type) {
  std::vector<TextField> fields;
  AddFields(type, /*depth=*/4, {}, fields);
  return fields;
}

void SetText(Message& message, const TextField& field,
             const std::string& value) {
  Message* at = &message;
  for (size_t i = 0; i < field.size(); ++i) {
    const google::protobuf::Reflection& of = *at->GetReflection();
    const FieldDescriptor* step = field[i];
    const bool leaf = i + 1 == field.size();
    if (step->is_repeated()) {
      const bool none = of.FieldSize(*at, step) == 0;
      if (leaf) {
        none ? of.AddString(at, step, value)
             : of.SetRepeatedString(at, step, 0, value);
      } else {
        at = none ? of.AddMessage(at, step)
                  : of.MutableRepeatedMessage(at, step, 0);
      }
    } else if (leaf) {
      of.SetString(at, step, value);
    } else {
      at = of.MutableMessage(at, step);
    }
  }
}

}  // namespace gradmatch
