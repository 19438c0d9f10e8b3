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

}  // namespace

void AddGraduateCommands(CommandLine& line, const GlobalOptions& options) {
  line.Describe("graduate",
                "Graduates: import, show, list, and what they decide");
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
  AddRightsCommands(line, options);
}

}  // namespace gradmatch
