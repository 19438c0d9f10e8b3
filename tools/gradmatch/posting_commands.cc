#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/posting_service.grpc.pb.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/listing.h"
#include "tools/gradmatch/posting_text.h"

namespace gradmatch {
namespace {

using v1::PostingService;

struct Arguments {
  std::string name;
  std::string source = "-";
  int64_t limit = 50;
};

int Show(const GlobalOptions& options, const Arguments& arguments) {
  v1::GetPostingRequest request;
  request.set_name(FullName("sources", arguments.name));
  v1::Posting posting;
  const absl::Status status = Client(options).Call<PostingService>(
      &PostingService::Stub::GetPosting, request, posting);
  if (!status.ok()) return Fail(status);
  PrintJson(posting, options.output != "jsonl");
  return kExitOk;
}

int List(const GlobalOptions& options, const Arguments& arguments) {
  v1::ListPostingsRequest request;
  request.set_parent(FullName("sources", arguments.source));
  return PrintList<PostingService>(
      options, request, arguments.limit, &PostingService::Stub::ListPostings,
      [](const v1::ListPostingsResponse& r) { return r.postings(); },
      Table({"posting", "岗位", "地点", "月薪", "状态"}),
      [](Table& table, const v1::Posting& p) {
        table.Add({p.name(), CutToWidth(TitleText(p), 50), PlaceText(p),
                   PayText(p), v1::Posting::State_Name(p.state()).substr(6)});
      });
}

int Close(const GlobalOptions& options, const Arguments& arguments) {
  v1::UpdatePostingRequest request;
  request.mutable_posting()->set_name(FullName("sources", arguments.name));
  request.mutable_posting()->set_state(v1::Posting::STATE_CLOSED);
  request.mutable_update_mask()->add_paths("state");
  request.set_request_id(NewRequestId());
  v1::Posting posting;
  const absl::Status status = Client(options).Call<PostingService>(
      &PostingService::Stub::UpdatePosting, request, posting);
  return status.ok() ? kExitOk : Fail(status);
}

int Remove(const GlobalOptions& options, const Arguments& arguments) {
  v1::DeletePostingRequest request;
  request.set_name(FullName("sources", arguments.name));
  request.set_request_id(NewRequestId());
  google::protobuf::Empty empty;
  const absl::Status status = Client(options).Call<PostingService>(
      &PostingService::Stub::DeletePosting, request, empty);
  return status.ok() ? kExitOk : Fail(status);
}

}  // namespace

void AddPostingCommands(CommandLine& line, const GlobalOptions& options) {
  line.Describe("posting", "Postings: import, show, list, close, delete");
  auto a = std::make_shared<Arguments>();
  line.Add("posting show", "Shows one posting",
           [&options, a] { return Show(options, *a); })
      .Positional("name", &a->name, "sources/S/postings/P");
  line.Add("posting list", "Lists postings by name",
           [&options, a] { return List(options, *a); })
      .Option("--source", &a->source, "Only of this source; - for all")
      .Option("--limit", &a->limit, "At most this many")
      .Range(1, kMostItems);
  line.Add("posting close", "Closes a posting",
           [&options, a] { return Close(options, *a); })
      .Positional("name", &a->name, "sources/S/postings/P");
  line.Add("posting delete", "Deletes a posting, leaving a tombstone",
           [&options, a] { return Remove(options, *a); })
      .Positional("name", &a->name, "sources/S/postings/P");
}

}  // namespace gradmatch
