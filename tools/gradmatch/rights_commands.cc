#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gradmatch/v1/graduate_service.grpc.pb.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/listing.h"
#include "tools/gradmatch/operation_wait.h"

namespace gradmatch {
namespace {

using google::longrunning::Operation;
using v1::GraduateService;

struct Arguments {
  std::string name;
  int64_t limit = 200;
  std::string personalisation;
  std::string push;
  std::vector<std::string> tags_off;
  std::vector<std::string> tags_on;
  std::string drop;
  std::string kind = "employed";
  std::string posting;
  std::string registration;
  std::string purpose;
  bool purge = false;
  bool wait = false;
};

// Calls a method whose answer is a message to be shown.
template <typename Request, typename Response>
int CallAndShow(const GlobalOptions& options,
                grpc::Status (GraduateService::Stub::*method)(
                    grpc::ClientContext*, const Request&, Response*),
                const Request& request, Response response = {}) {
  const absl::Status status =
      Client(options).Call<GraduateService>(method, request, response);
  if (!status.ok()) return Fail(status);
  PrintJson(response, options.output != "jsonl");
  return kExitOk;
}

// Calls a method whose answer goes without saying.
template <typename Request, typename Response>
int CallQuietly(const GlobalOptions& options,
                grpc::Status (GraduateService::Stub::*method)(
                    grpc::ClientContext*, const Request&, Response*),
                const Request& request) {
  Response response;
  const absl::Status status =
      Client(options).Call<GraduateService>(method, request, response);
  return status.ok() ? kExitOk : Fail(status);
}

std::string PreferencesName(const Arguments& arguments) {
  return absl::StrCat(FullName("graduates", arguments.name), "/preferences");
}

// Switches tags in the list as it is stored.
void SwitchTags(const std::vector<std::string>& tags, bool enabled,
                v1::Preferences& preferences) {
  for (const std::string& tag : tags) {
    v1::Preferences::Tag* known = nullptr;
    for (v1::Preferences::Tag& one : *preferences.mutable_tags()) {
      if (one.tag() == tag) known = &one;
    }
    if (known == nullptr) known = preferences.add_tags();
    known->set_tag(tag);
    known->set_enabled(enabled);
  }
}

int Preferences(const GlobalOptions& options, const Arguments& arguments) {
  v1::GetPreferencesRequest get;
  get.set_name(PreferencesName(arguments));
  v1::Preferences stored;
  const absl::Status read = Client(options).Call<GraduateService>(
      &GraduateService::Stub::GetPreferences, get, stored);
  if (!read.ok()) return Fail(read);
  v1::UpdatePreferencesRequest request;
  v1::Preferences& wanted = *request.mutable_preferences();
  wanted.set_name(get.name());
  google::protobuf::FieldMask& mask = *request.mutable_update_mask();
  if (!arguments.personalisation.empty()) {
    wanted.set_personalisation(arguments.personalisation == "on");
    mask.add_paths("personalisation");
  }
  if (!arguments.push.empty()) {
    wanted.set_push(arguments.push == "on");
    mask.add_paths("push");
  }
  if (!arguments.tags_off.empty() || !arguments.tags_on.empty()) {
    *wanted.mutable_tags() = stored.tags();
    SwitchTags(arguments.tags_off, false, wanted);
    SwitchTags(arguments.tags_on, true, wanted);
    // The list is written as a whole: nobody's change in between is lost.
    wanted.set_etag(stored.etag());
    mask.add_paths("tags");
  }
  if (mask.paths().empty()) {
    PrintJson(stored, options.output != "jsonl");
    return kExitOk;
  }
  request.set_request_id(NewRequestId());
  return CallAndShow(options, &GraduateService::Stub::UpdatePreferences,
                     request);
}

int Tags(const GlobalOptions& options, const Arguments& arguments) {
  const std::string parent = FullName("graduates", arguments.name);
  if (!arguments.drop.empty()) {
    v1::DeleteTagRequest request;
    request.set_name(absl::StrCat(parent, "/tags/", arguments.drop));
    request.set_request_id(NewRequestId());
    return CallQuietly(options, &GraduateService::Stub::DeleteTag, request);
  }
  v1::ListTagsRequest request;
  request.set_parent(parent);
  return PrintList<GraduateService>(
      options, request, arguments.limit, &GraduateService::Stub::ListTags,
      [](const v1::ListTagsResponse& r) { return r.tags(); },
      Table({"id", "标签", "来源", "启用"}),
      [](Table& table, const v1::Tag& tag) {
        table.Add({tag.name().substr(tag.name().rfind('/') + 1), tag.display(),
                   v1::Tag::Kind_Name(tag.kind()).substr(5),
                   tag.enabled() ? "是" : "否"});
      });
}

int Place(const GlobalOptions& options, const Arguments& arguments) {
  v1::ReportPlacementRequest request;
  request.set_name(FullName("graduates", arguments.name));
  v1::Placement& placement = *request.mutable_placement();
  v1::Placement::Kind kind = v1::Placement::KIND_UNSPECIFIED;
  v1::Placement::Kind_Parse(
      absl::StrCat("KIND_", absl::AsciiStrToUpper(arguments.kind)), &kind);
  placement.set_kind(kind);
  placement.set_posting(arguments.posting);
  placement.set_registration_id(arguments.registration);
  request.set_request_id(NewRequestId());
  return CallQuietly(options, &GraduateService::Stub::ReportPlacement, request);
}

// RevokePlacement, FreezeGraduate and UnfreezeGraduate.
template <typename Request>
std::function<int()> WithPurpose(const GlobalOptions& options,
                                 std::shared_ptr<Arguments> arguments,
                                 grpc::Status (GraduateService::Stub::*method)(
                                     grpc::ClientContext*, const Request&,
                                     v1::Graduate*)) {
  return [&options, arguments, method] {
    Request request;
    request.set_name(FullName("graduates", arguments->name));
    request.set_purpose(arguments->purpose);
    request.set_request_id(NewRequestId());
    return CallQuietly(options, method, request);
  };
}

int Erase(const GlobalOptions& options, const Arguments& arguments) {
  const Client client(options);
  v1::EraseGraduateRequest request;
  request.set_name(FullName("graduates", arguments.name));
  request.set_purpose(arguments.purpose);
  request.set_purge_now(arguments.purge);
  request.set_request_id(NewRequestId());
  Operation operation;
  const absl::Status status = client.Call<GraduateService>(
      &GraduateService::Stub::EraseGraduate, request, operation);
  if (!status.ok()) return Fail(status);
  if (arguments.wait || operation.done()) {
    auto done = WaitForOperation(client, std::move(operation));
    if (!done.ok()) return Fail(done.status());
    operation = *std::move(done);
  }
  v1::EraseGraduateMetadata metadata;
  operation.metadata().UnpackTo(&metadata);
  v1::GetErasureReceiptRequest get;
  get.set_name(metadata.erasure());
  return CallAndShow(options, &GraduateService::Stub::GetErasureReceipt, get);
}

int ShowErasure(const GlobalOptions& options, const Arguments& arguments) {
  v1::GetErasureReceiptRequest get;
  get.set_name(FullName("erasures", arguments.name));
  return CallAndShow(options, &GraduateService::Stub::GetErasureReceipt, get);
}

void AddDecisions(CommandLine& line, const GlobalOptions& options,
                  const std::shared_ptr<Arguments>& a) {
  line.Add("graduate place",
           "Registers where a graduate went; effective at once",
           [&options, a] { return Place(options, *a); })
      .Positional("name", &a->name, "Pseudonymous id or name")
      .Option("--kind", &a->kind, "What the destination is")
      .OneOf({"employed", "study", "military", "national_programme",
              "own_business", "flexible"})
      .Option("--posting", &a->posting, "Posting that led to it")
      .Option("--registration", &a->registration, "Number of the registration");
  const auto add = [&](const std::string& word, const std::string& help,
                       std::function<int()> run) {
    line.Add("graduate " + word, help, std::move(run))
        .Positional("name", &a->name, "Pseudonymous id or name")
        .Option("--purpose", &a->purpose, "Why; kept in the audit")
        .Required();
  };
  using Stub = GraduateService::Stub;
  add("unplace", "Takes a registered destination back",
      WithPurpose(options, a, &Stub::RevokePlacement));
  add("freeze", "Keeps a record and processes it no more",
      WithPurpose(options, a, &Stub::FreezeGraduate));
  add("unfreeze", "Ends a freeze",
      WithPurpose(options, a, &Stub::UnfreezeGraduate));
}

}  // namespace

void AddRightsCommands(CommandLine& line, const GlobalOptions& options) {
  auto a = std::make_shared<Arguments>();
  line.Add("graduate prefs",
           "Shows or sets what a graduate allows; effective at once",
           [&options, a] { return Preferences(options, *a); })
      .Positional("name", &a->name, "Pseudonymous id or name")
      .Option("--personalisation", &a->personalisation,
              "Whether answers may use the profile")
      .OneOf({"on", "off"})
      .Option("--push", &a->push, "Whether anything may be pushed")
      .OneOf({"on", "off"})
      .Option("--tag-off", &a->tags_off, "A tag that may not be used")
      .Option("--tag-on", &a->tags_on, "A tag that may be used again");
  line.Add("graduate tags", "Lists what matching uses of a graduate",
           [&options, a] { return Tags(options, *a); })
      .Positional("name", &a->name, "Pseudonymous id or name")
      .Option("--delete", &a->drop, "Id of a tag to delete instead")
      .Option("--limit", &a->limit, "At most this many")
      .Range(1, kMostItems);
  AddDecisions(line, options, a);
  line.Add("graduate erase",
           "Erases a graduate for good: only a receipt remains",
           [&options, a] { return Erase(options, *a); })
      .Positional("name", &a->name, "Pseudonymous id or name")
      .Option("--purpose", &a->purpose, "Why; kept in the receipt")
      .Required()
      .Flag("--purge", &a->purge, "Purge the files at once")
      .Flag("--wait", &a->wait, "Wait until every file is clean");
  line.Add("graduate erasure", "Shows the receipt of an erasure",
           [&options, a] { return ShowErasure(options, *a); })
      .Positional("name", &a->name, "Id or name of the receipt");
}

}  // namespace gradmatch
