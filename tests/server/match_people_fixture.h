#ifndef GRADMATCH_TESTS_SERVER_MATCH_PEOPLE_FIXTURE_H_
#define GRADMATCH_TESTS_SERVER_MATCH_PEOPLE_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "gradmatch/v1/feedback_service.grpc.pb.h"
#include "tests/server/services_fixture.h"
#include "tests/server/varied_people.h"

namespace gradmatch {

// Calls about people that several tests make.
class MatchPeopleTest : public ServicesTest {
 protected:
  void WritePostings(const std::vector<v1::Posting>& postings) {
    for (const v1::Posting& posting : postings) {
      const auto created = Create(posting);
      ASSERT_TRUE(created.ok()) << created.status();
    }
  }
  void WriteGraduates(const std::vector<v1::Graduate>& graduates) {
    v1::BatchUpdateGraduatesRequest request;
    for (const v1::Graduate& graduate : graduates) {
      v1::UpdateGraduateRequest& one = *request.add_requests();
      *one.mutable_graduate() = graduate;
      one.set_allow_missing(true);
    }
    v1::BatchUpdateGraduatesResponse response;
    const absl::Status status =
        server_.Call(server_.graduates(), &Graduates::BatchUpdateGraduates,
                     request, response);
    ASSERT_TRUE(status.ok()) << status;
  }

  absl::StatusOr<v1::MatchPostingsResponse> Match(const std::string& graduate,
                                                  int page_size = 10) {
    v1::MatchPostingsRequest request;
    request.set_graduate(graduate);
    request.set_page_size(page_size);
    v1::MatchPostingsResponse response;
    absl::Status status = server_.Call(
        server_.matches(), &Matches::MatchPostings, request, response);
    if (!status.ok()) return status;
    return response;
  }

  absl::StatusOr<v1::MatchGraduatesResponse> MatchGraduates(
      const v1::MatchGraduatesRequest& request) {
    v1::MatchGraduatesResponse response;
    absl::Status status = server_.Call(
        server_.matches(), &Matches::MatchGraduates, request, response);
    if (!status.ok()) return status;
    return response;
  }
  static v1::MatchGraduatesRequest AskFor(const std::string& posting,
                                          int page_size = 100) {
    v1::MatchGraduatesRequest request;
    request.set_posting("sources/gd/postings/" + posting);
    request.set_purpose("岗位专场邀请");
    request.set_page_size(page_size);
    return request;
  }

  std::unique_ptr<v1::FeedbackService::Stub> feedback() {
    return v1::FeedbackService::NewStub(server_.channel());
  }
  absl::StatusOr<v1::ReportEventsResponse> Report(
      const v1::ReportEventsRequest& request) {
    v1::ReportEventsResponse response;
    absl::Status status =
        server_.Call(feedback(), &v1::FeedbackService::Stub::ReportEvents,
                     request, response);
    if (!status.ok()) return status;
    return response;
  }
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SERVER_MATCH_PEOPLE_FIXTURE_H_
