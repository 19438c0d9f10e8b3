#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/staff_service.grpc.pb.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/listing.h"

namespace gradmatch {
namespace {

using v1::StaffService;

struct Arguments {
  std::string id;
  std::string kind;
  std::vector<std::string> schools;
  std::vector<std::string> classes;
  bool digest = false;
  std::string run;
  bool attention_only = false;
  std::string graduate;
  std::string posting;
  std::string note;
  int64_t limit = 1'000;
};

std::string Joined(
    const google::protobuf::RepeatedPtrField<std::string>& list) {
  std::string out;
  for (const std::string& one : list) {
    absl::StrAppend(&out, out.empty() ? "" : " ", one);
  }
  return out;
}

v1::Staff::Kind KindOf(const std::string& word) {
  return word == "office" ? v1::Staff::KIND_EMPLOYMENT_OFFICE
                          : v1::Staff::KIND_COUNSELLOR;
}

// Creates it, or changes what is named of it.
int Add(const GlobalOptions& options, const Arguments& arguments) {
  v1::UpdateStaffRequest request;
  v1::Staff& staff = *request.mutable_staff();
  staff.set_name(FullName("staff", arguments.id));
  staff.set_kind(KindOf(arguments.kind));
  if (!arguments.kind.empty()) request.mutable_update_mask()->add_paths("kind");
  for (const std::string& school : arguments.schools) {
    staff.add_schools(school);
  }
  if (!arguments.schools.empty()) {
    request.mutable_update_mask()->add_paths("schools");
  }
  for (const std::string& one : arguments.classes) staff.add_class_codes(one);
  if (!arguments.classes.empty()) {
    request.mutable_update_mask()->add_paths("class_codes");
  }
  staff.set_digest(arguments.digest);
  if (arguments.digest) request.mutable_update_mask()->add_paths("digest");
  // A mask without paths would mean all that is set.
  request.mutable_update_mask()->add_paths("name");
  request.set_request_id(NewRequestId());
  const Client client(options);
  v1::Staff stored;
  absl::Status status = client.Call<StaffService>(
      &StaffService::Stub::UpdateStaff, request, stored);
  if (absl::IsNotFound(status)) {
    request.clear_update_mask();
    request.set_allow_missing(true);
    request.set_request_id(NewRequestId());
    status = client.Call<StaffService>(&StaffService::Stub::UpdateStaff,
                                       request, stored);
  }
  if (!status.ok()) return Fail(status);
  if (!options.quiet) PrintJson(stored, options.output != "jsonl");
  return kExitOk;
}

int List(const GlobalOptions& options, const Arguments& arguments) {
  return PrintList<StaffService>(
      options, v1::ListStaffRequest(), arguments.limit,
      &StaffService::Stub::ListStaff,
      [](const v1::ListStaffResponse& r) { return r.staff(); },
      Table({"staff", "类型", "学校", "班级", "简报"}),
      [](Table& table, const v1::Staff& s) {
        table.Add({s.name(), v1::Staff::Kind_Name(s.kind()).substr(5),
                   Joined(s.schools()), Joined(s.class_codes()),
                   s.digest() ? "是" : ""});
      });
}

int Show(const GlobalOptions& options, const Arguments& arguments) {
  v1::GetStaffRequest request;
  request.set_name(FullName("staff", arguments.id));
  v1::Staff staff;
  const absl::Status status = Client(options).Call<StaffService>(
      &StaffService::Stub::GetStaff, request, staff);
  if (!status.ok()) return Fail(status);
  PrintJson(staff, options.output != "jsonl");
  return kExitOk;
}

int Remove(const GlobalOptions& options, const Arguments& arguments) {
  v1::DeleteStaffRequest request;
  request.set_name(FullName("staff", arguments.id));
  request.set_request_id(NewRequestId());
  google::protobuf::Empty empty;
  const absl::Status status = Client(options).Call<StaffService>(
      &StaffService::Stub::DeleteStaff, request, empty);
  return status.ok() ? kExitOk : Fail(status);
}

void PrintTotals(const v1::StaffDigest& digest) {
  std::cout << "学生 " << Grouped(digest.students()) << " 人，已覆盖 "
            << Grouped(digest.covered()) << " 人，未覆盖 "
            << Grouped(digest.not_covered()) << " 人，长期无反馈 "
            << Grouped(digest.no_reaction()) << " 人\n";
  for (const v1::SuppressionCount& count : digest.suppressions()) {
    std::cout << "  " << count.text_zh() << "：" << Grouped(count.graduates())
              << " 人\n";
  }
}

int Digest(const GlobalOptions& options, const Arguments& arguments) {
  v1::GetStaffDigestRequest request;
  request.set_name(absl::StrCat(FullName("staff", arguments.id), "/digests/",
                                arguments.run));
  request.set_attention_only(arguments.attention_only);
  const bool as_table = options.output == "table";
  if (as_table) {
    request.set_page_size(1);
    v1::StaffDigest totals;
    const absl::Status status = Client(options).Call<StaffService>(
        &StaffService::Stub::GetStaffDigest, request, totals);
    if (!status.ok()) return Fail(status);
    PrintTotals(totals);
  }
  return PrintList<StaffService>(
      options, request, arguments.limit, &StaffService::Stub::GetStaffDigest,
      [](const v1::StaffDigest& r) { return r.student_digests(); },
      Table({"graduate", "本批", "累计", "反馈", "未覆盖原因", "无反馈"}),
      [](Table& table, const v1::StudentDigest& s) {
        table.Add({s.graduate(), absl::StrCat(s.items()),
                   absl::StrCat(s.items_ever()), absl::StrCat(s.reactions()),
                   s.not_covered().text_zh(), s.no_reaction() ? "是" : ""});
      });
}

int Recommend(const GlobalOptions& options, const Arguments& arguments) {
  v1::RecommendPostingRequest request;
  request.set_staff(FullName("staff", arguments.id));
  request.set_graduate(FullName("graduates", arguments.graduate));
  request.set_posting(arguments.posting);
  request.set_note(arguments.note);
  request.set_request_id(NewRequestId());
  v1::HandRecommendation made;
  const absl::Status status = Client(options).Call<StaffService>(
      &StaffService::Stub::RecommendPosting, request, made);
  if (!status.ok()) return Fail(status);
  if (!options.quiet) PrintJson(made, options.output != "jsonl");
  return kExitOk;
}

}  // namespace

void AddStaffCommands(CommandLine& line, const GlobalOptions& options) {
  line.Describe("staff", "Counsellors and employment offices");
  auto a = std::make_shared<Arguments>();
  line.Add("staff add", "Creates staff, or changes what is named of them",
           [&options, a] { return Add(options, *a); })
      .Positional("id", &a->id, "Id, no person's name")
      .Option("--kind", &a->kind, "What it is; counsellor for new staff")
      .OneOf({"counsellor", "office"})
      .Option("--school", &a->schools, "Code of a school; may be repeated")
      .Option("--class", &a->classes,
              "Code of a class; may be repeated; none: all")
      .Flag("--digest", &a->digest, "A digest is wanted after every run");
  line.Add("staff list", "Lists staff",
           [&options, a] { return List(options, *a); })
      .Option("--limit", &a->limit, "At most this many")
      .Range(1, kMostItems);
  line.Add("staff show", "Shows one",
           [&options, a] { return Show(options, *a); })
      .Positional("id", &a->id, "Id or name");
  line.Add("staff delete", "Deletes one",
           [&options, a] { return Remove(options, *a); })
      .Positional("id", &a->id, "Id or name");
  line.Add("staff digest", "Tells what a push run did for their students",
           [&options, a] { return Digest(options, *a); })
      .Positional("id", &a->id, "Id or name")
      .Positional("run", &a->run, "Id of the push run")
      .Flag("--attention", &a->attention_only,
            "Only students not covered or without a reaction")
      .Option("--limit", &a->limit, "At most this many students")
      .Range(1, kMostItems);
  line.Add("staff recommend", "Recommends a posting to a student by hand",
           [&options, a] { return Recommend(options, *a); })
      .Positional("id", &a->id, "Id or name of the staff")
      .Positional("graduate", &a->graduate, "Id or name of the student")
      .Positional("posting", &a->posting, "sources/{source}/postings/{posting}")
      .Option("--note", &a->note, "Note to the student");
}

}  // namespace gradmatch
