// The audit over the wire, and what happens when it cannot be written.

#include "server/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/pseudonym.h"
#include "server/purpose.h"
#include "tests/fakes/faulty_store.h"
#include "tests/fakes/in_memory_store.h"
#include "tests/server/services_fixture.h"

namespace gradmatch {
namespace {

using Admin = v1::AdminService::Stub;
using testing::ElementsAre;

const std::atomic<bool> kNotCancelled{false};

RpcContext Rpc(std::string_view method) {
  return RpcContext(method, LocalCaller(), absl::InfiniteFuture(),
                    kNotCancelled);
}

TEST(RunAuditedTest, NothingIsDoneThatCannotBeKept) {
  InMemoryStore disk;
  FaultyStore store(disk, 2);
  const ManualClock clock(absl::FromUnixSeconds(1'700'000'000));
  auto log = AuditLog::Open(store, clock);
  ASSERT_TRUE(log.ok());
  int calls = 0;
  const auto body = [&] {
    ++calls;
    return absl::OkStatus();
  };
  const RpcContext rpc = Rpc("A.B");
  EXPECT_TRUE(RunAudited(**log, rpc, {"x/1", "why"}, body).ok());
  const absl::Status refused = RunAudited(**log, rpc, {"x/1", "why"}, body);
  EXPECT_EQ(ReasonOf(refused), kAuditUnavailable);
  EXPECT_EQ(calls, 1);
}

TEST(CheckPurposeTest, TakesWhatCanBeReadLater) {
  EXPECT_TRUE(CheckPurpose("学院认定").ok());
  std::string long_enough;
  for (int i = 0; i < 200; ++i) long_enough += "认";
  EXPECT_TRUE(CheckPurpose(long_enough).ok());
  EXPECT_EQ(ReasonOf(CheckPurpose("")), kFieldMissing);
  EXPECT_EQ(ReasonOf(CheckPurpose(long_enough + "a")), kFieldTooLong);
  EXPECT_EQ(ReasonOf(CheckPurpose("a\nb")), kFieldInvalid);
}

class AuditServiceTest : public ServicesTest {
 protected:
  const Engine& engine() { return server_.server().runtime().engine(); }

  void Act(std::string_view method, const std::string& resource,
           const absl::Status& end = absl::OkStatus()) {
    EXPECT_EQ(RunAudited(engine().audit, Rpc(method), {resource, "test"},
                         [&] { return end; }),
              end);
  }
  absl::StatusOr<v1::ListAuditEntriesResponse> List(
      const v1::ListAuditEntriesRequest& request) {
    v1::ListAuditEntriesResponse response;
    absl::Status status = server_.Call(
        server_.admin(), &Admin::ListAuditEntries, request, response);
    if (!status.ok()) return status;
    return response;
  }
};

TEST_F(AuditServiceTest, ListsByPageMethodAndPerson) {
  const std::string person = PersonInAudit(engine().pseudonyms.Of("g1"));
  Act("S.First", "things/1");
  Act("S.Second", person,
      MakeError(absl::StatusCode::kNotFound, kGraduateNotFound, "没有"));
  Act("S.First", person);

  v1::ListAuditEntriesRequest request;
  request.set_page_size(3);
  auto page = List(request);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->audit_entries_size(), 3);
  EXPECT_EQ(page->audit_entries(0).method(), "S.First");
  EXPECT_EQ(page->audit_entries(0).result(), "ALLOWED");
  EXPECT_EQ(page->audit_entries(1).result(), "GRADUATE_NOT_FOUND");
  EXPECT_EQ(page->audit_entries(2).result(), "ALLOWED");
  request.set_page_token(page->next_page_token());
  page = List(request);
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->audit_entries_size(), 1);
  EXPECT_EQ(page->audit_entries(0).resource(), "things/1");
  EXPECT_EQ(page->audit_entries(0).principal(), "local");
  EXPECT_EQ(page->next_page_token(), "");

  v1::ListAuditEntriesRequest of_person;
  of_person.set_resource("graduates/g1");
  of_person.set_method("S.First");
  page = List(of_person);
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->audit_entries_size(), 1);
  EXPECT_EQ(page->audit_entries(0).sequence(), 4);
  // The person is not named.
  EXPECT_EQ(page->DebugString().find("g1\""), std::string::npos);
}

TEST_F(AuditServiceTest, BadInput) {
  v1::ListAuditEntriesRequest request;
  request.set_page_size(-1);
  EXPECT_EQ(Summary(List(request).status()),
            "INVALID_ARGUMENT FIELD_OUT_OF_RANGE page_size");
  request.set_page_size(1);
  request.set_page_token("made-up");
  EXPECT_EQ(Summary(List(request).status()),
            "INVALID_ARGUMENT PAGE_TOKEN_INVALID page_token");
  request.clear_page_token();
  request.set_resource("graduates/");
  EXPECT_EQ(Summary(List(request).status()),
            "INVALID_ARGUMENT NAME_INVALID resource");
  request.set_resource(std::string(301, 'x'));
  EXPECT_EQ(Summary(List(request).status()),
            "INVALID_ARGUMENT FIELD_TOO_LONG resource");
}

TEST_F(AuditServiceTest, TheChainOutlivesTheServer) {
  Act("S.First", "things/1");
  server_.Stop();
  server_.Start();
  Act("S.Second", "things/2");
  auto page = List({});
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->audit_entries_size(), 2);
  AuditChecker checker;
  checker.Add(page->audit_entries(1));
  checker.Add(page->audit_entries(0));
  EXPECT_EQ(checker.broken(), AuditBreak::kNone);
  EXPECT_EQ(checker.entries(), 2);
}

}  // namespace
}  // namespace gradmatch
