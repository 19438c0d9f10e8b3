#ifndef GRADMATCH_TESTS_SERVER_SERVICES_FIXTURE_H_
#define GRADMATCH_TESTS_SERVER_SERVICES_FIXTURE_H_

#include <string>

#include "gtest/gtest.h"
#include "tests/server/test_server.h"

namespace gradmatch {

using Postings = v1::PostingService::Stub;
using Sources = v1::SourceService::Stub;
using Graduates = v1::GraduateService::Stub;
using Matches = v1::MatchService::Stub;

// A server with one source, and the calls that most tests begin with.
class ServicesTest : public testing::Test {
 protected:
  ServicesTest() { server_.AddSource("gd"); }

  absl::StatusOr<v1::Posting> Create(const v1::Posting& posting,
                                     const std::string& request_id = "") {
    v1::CreatePostingRequest request;
    request.set_parent("sources/gd");
    request.set_request_id(request_id);
    *request.mutable_posting() = posting;
    v1::Posting response;
    absl::Status status = server_.Call(
        server_.postings(), &Postings::CreatePosting, request, response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::Posting> Get(const std::string& name) {
    v1::GetPostingRequest request;
    request.set_name(name);
    v1::Posting response;
    absl::Status status = server_.Call(
        server_.postings(), &Postings::GetPosting, request, response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::Posting> Update(const v1::UpdatePostingRequest& request) {
    v1::Posting response;
    absl::Status status = server_.Call(
        server_.postings(), &Postings::UpdatePosting, request, response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::Graduate> CreateGraduate(const std::string& id) {
    v1::CreateGraduateRequest request;
    request.set_graduate_id(id);
    *request.mutable_graduate() = GoodGraduate();
    v1::Graduate response;
    absl::Status status = server_.Call(
        server_.graduates(), &Graduates::CreateGraduate, request, response);
    if (!status.ok()) return status;
    return response;
  }

  TestServer server_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SERVER_SERVICES_FIXTURE_H_
