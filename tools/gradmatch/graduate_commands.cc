#include <iostream>
#include <memory>
#include <string>

#include "gradmatch/v1/graduate_service.grpc.pb.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/listing.h"

namespace gradmatch {
namespace {

using v1::GraduateService;

struct Arguments {
  std::string name;
  int64_t limit = 50;
  std::string personalisation;
  std::string push;
};

int Show(const GlobalOptions& options, const Arguments& arguments) {
  v1::GetGraduateRequest request;
  request.set_name(FullName("graduates", arguments.name));
  v1::Graduate graduate;
  const absl::Status status = Client(options).Call<GraduateService>(
      &GraduateService::Stub::GetGraduate, request, graduate);
  if (!status.ok()) return Fail(status);
  PrintJson(graduate, options.output != "jsonl");
  return kExitOk;
}

std::string MajorText(const v1::Graduate& graduate) {
  for (const v1::Education& education : graduate.profile().educations()) {
    if (education.majors_size() > 0) return education.majors(0).display();
  }
  return "";
}

std::string WishText(const v1::Graduate& graduate) {
  const v1::Intent& intent = graduate.profile().intent();
  std::string text;
  for (const v1::Code& function : intent.functions()) {
    text += (text.empty() ? "" : "、") + function.display();
  }
  for (const v1::Code& place : intent.places()) {
    text += (text.empty() ? "" : "、") + place.display();
  }
  return text;
}

int List(const GlobalOptions& options, const Arguments& arguments) {
  return PrintList<GraduateService>(
      options, v1::ListGraduatesRequest(), arguments.limit,
      &GraduateService::Stub::ListGraduates,
      [](const v1::ListGraduatesResponse& r) { return r.graduates(); },
      Table({"graduate", "专业", "意向", "状态"}),
      [](Table& table, const v1::Graduate& g) {
        table.Add({g.name(), MajorText(g), CutToWidth(WishText(g), 50),
                   v1::Graduate::Lifecycle_Name(g.lifecycle()).substr(10)});
      });
}

int Remove(const GlobalOptions& options, const Arguments& arguments) {
  v1::DeleteGraduateRequest request;
  request.set_name(FullName("graduates", arguments.name));
  request.set_request_id(NewRequestId());
  google::protobuf::Empty empty;
  const absl::Status status = Client(options).Call<GraduateService>(
      &GraduateService::Stub::DeleteGraduate, request, empty);
  return status.ok() ? kExitOk : Fail(status);
}

int SetPreferences(const GlobalOptions& options, const Arguments& arguments) {
  v1::UpdateGraduateRequest request;
  v1::Graduate& graduate = *request.mutable_graduate();
  graduate.set_name(FullName("graduates", arguments.name));
  if (!arguments.personalisation.empty()) {
    graduate.mutable_preferences()->set_personalisation(
        arguments.personalisation == "on");
    request.mutable_update_mask()->add_paths("preferences.personalisation");
  }
  if (!arguments.push.empty()) {
    graduate.mutable_preferences()->set_push(arguments.push == "on");
    request.mutable_update_mask()->add_paths("preferences.push");
  }
  request.set_request_id(NewRequestId());
  v1::Graduate stored;
  const absl::Status status = Client(options).Call<GraduateService>(
      &GraduateService::Stub::UpdateGraduate, request, stored);
  if (!status.ok()) return Fail(status);
  PrintJson(stored.preferences(), options.output != "jsonl");
  return kExitOk;
}

int Place(const GlobalOptions& options, const Arguments& arguments) {
  v1::UpdateGraduateRequest request;
  request.mutable_graduate()->set_name(FullName("graduates", arguments.name));
  request.mutable_graduate()->set_lifecycle(v1::Graduate::LIFECYCLE_PLACED);
  request.mutable_update_mask()->add_paths("lifecycle");
  request.set_request_id(NewRequestId());
  v1::Graduate stored;
  const absl::Status status = Client(options).Call<GraduateService>(
      &GraduateService::Stub::UpdateGraduate, request, stored);
  return status.ok() ? kExitOk : Fail(status);
}

}  // namespace

void AddGraduateCommands(CommandLine& line, const GlobalOptions& options) {
  line.Describe("graduate", "Graduates: import, show, list, preferences");
  auto a = std::make_shared<Arguments>();
  line.Add("graduate show", "Shows one graduate",
           [&options, a] { return Show(options, *a); })
      .Positional("name", &a->name, "Pseudonymous id or name");
  line.Add("graduate list", "Lists graduates in no meaningful order",
           [&options, a] { return List(options, *a); })
      .Option("--limit", &a->limit, "At most this many")
      .Range(1, kMostItems);
  line.Add("graduate delete", "Deletes a graduate",
           [&options, a] { return Remove(options, *a); })
      .Positional("name", &a->name, "Pseudonymous id or name");
  line.Add("graduate prefs", "Sets what a graduate allows; effective at once",
           [&options, a] { return SetPreferences(options, *a); })
      .Positional("name", &a->name, "Pseudonymous id or name")
      .Option("--personalisation", &a->personalisation,
              "Whether answers may use the profile")
      .OneOf({"on", "off"})
      .Option("--push", &a->push, "Whether anything may be pushed")
      .OneOf({"on", "off"});
  line.Add("graduate place", "Registers that a graduate has found work",
           [&options, a] { return Place(options, *a); })
      .Positional("name", &a->name, "Pseudonymous id or name");
}

}  // namespace gradmatch
