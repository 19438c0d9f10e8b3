#include <string>

#include "google/rpc/error_details.pb.h"
#include "gradmatch/v1/posting_service.pb.h"
#include "gtest/gtest.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/request_log.h"
#include "server/field_mask.h"
#include "server/idempotency.h"
#include "server/rpc_status.h"
#include "tests/fakes/in_memory_store.h"

namespace gradmatch {
namespace {

google::rpc::ErrorInfo InfoOf(const google::rpc::Status& status) {
  google::rpc::ErrorInfo info;
  EXPECT_GT(status.details_size(), 0);
  EXPECT_TRUE(status.details(0).UnpackTo(&info));
  return info;
}

TEST(RpcStatusTest, DetailsGoOverTheWireAndBack) {
  const absl::Status sent = InvalidField(
      kCodeUnknown,
      {.field = "a.b", .value = "9", .allowed = "1-8", .nearest = "8"});
  const absl::Status got = FromGrpcStatus(ToGrpcStatus(sent));
  EXPECT_EQ(got.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(got.message(), sent.message());
  EXPECT_EQ(ReasonOf(got), kCodeUnknown);
  EXPECT_EQ(FieldErrorOf(got).nearest, "8");
}

TEST(RpcStatusTest, EveryErrorHasAnErrorInfo) {
  const std::pair<absl::Status, std::string> cases[] = {
      {absl::InternalError("disk"), kInternal},
      {absl::UnavailableError("x"), kInternal},
      {absl::CancelledError("x"), kCancelled},
      {absl::DeadlineExceededError("x"), kDeadlinePassed},
      {absl::InvalidArgumentError("x"), kFieldInvalid},
      {absl::DataLossError("x"), kDataLoss},
  };
  for (const auto& [status, reason] : cases) {
    EXPECT_EQ(InfoOf(ToRpcStatus(status)).reason(), reason) << status;
    EXPECT_EQ(InfoOf(ToRpcStatus(status)).domain(), kDomain);
  }
}

TEST(RpcStatusTest, TextOfOurOwnFaultsStaysHere) {
  const grpc::Status sent = ToGrpcStatus(
      absl::InternalError("/var/lib/gradmatch/store/000123.log: I/O error"));
  EXPECT_EQ(sent.error_message().find("000123"), std::string::npos);
  EXPECT_EQ(sent.error_details().find("000123"), std::string::npos);
}

TEST(RpcStatusTest, FitsIntoTheMetadata) {
  std::vector<ReasonedFieldError> many;
  for (int i = 0; i < 200; ++i) {
    many.push_back({kFieldInvalid,
                    {.field = "f" + std::to_string(i),
                     .value = "字字字字字字字字字字",
                     .allowed = "允许的值有很多很多很多很多"}});
  }
  const grpc::Status sent = ToGrpcStatus(InvalidFields(many));
  EXPECT_LT(
      sent.error_message().size() * 3 + sent.error_details().size() * 4 / 3,
      8'000u);
  EXPECT_EQ(ReasonOf(FromGrpcStatus(sent)), kFieldInvalid);
}

class IdempotencyTest : public testing::Test {
 protected:
  // The body counts its runs and answers with the count as title.
  absl::Status Run(const v1::CreatePostingRequest& request,
                   v1::Posting& response) {
    return Run(request, response, LocalCaller());
  }
  absl::Status Run(const v1::CreatePostingRequest& request,
                   v1::Posting& response, const Caller& caller) {
    return RunIdempotent(log_, Rpc(caller), request, response,
                         [&](const AnswerLog& answers) {
                           response.set_title(std::to_string(++runs_));
                           WriteBatch batch;
                           answers.AddTo(batch, response);
                           return store_.Write(batch, Durability::kSynced);
                         });
  }

  RpcContext Rpc(const Caller& caller) const {
    return RpcContext("PostingService.CreatePosting", caller,
                      absl::InfiniteFuture(), cancelled_);
  }

  const std::atomic<bool> cancelled_{false};
  InMemoryStore store_;
  ManualClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  RequestLog log_{store_, clock_};
  int runs_ = 0;
};

TEST_F(IdempotencyTest, SameRequestIsAnsweredFromTheLog) {
  v1::CreatePostingRequest request;
  request.set_parent("sources/a");
  request.set_request_id("7e2b");
  v1::Posting first;
  v1::Posting second;
  ASSERT_TRUE(Run(request, first).ok());
  ASSERT_TRUE(Run(request, second).ok());
  EXPECT_EQ(runs_, 1);
  EXPECT_EQ(second.SerializeAsString(), first.SerializeAsString());
}

TEST_F(IdempotencyTest, OtherBodyIsRefused) {
  v1::CreatePostingRequest request;
  request.set_parent("sources/a");
  request.set_request_id("7e2b");
  v1::Posting response;
  ASSERT_TRUE(Run(request, response).ok());
  request.set_parent("sources/b");
  const absl::Status status = Run(request, response);
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(status), kRequestIdReused);
  EXPECT_EQ(runs_, 1);
}

// One caller's id must neither answer nor refuse another's request.
TEST_F(IdempotencyTest, IdsAreEachCallersOwn) {
  const Caller first{
      .principal = "token/a", .role = CallerRole::kSource, .tenant = "a"};
  const Caller second{
      .principal = "token/b", .role = CallerRole::kSource, .tenant = "b"};
  v1::CreatePostingRequest request;
  request.set_parent("sources/a");
  request.set_request_id("7e2b");
  v1::Posting response;
  ASSERT_TRUE(Run(request, response, first).ok());
  ASSERT_TRUE(Run(request, response, second).ok());
  EXPECT_EQ(runs_, 2) << "the answer of another caller was given";
  request.set_parent("sources/b");
  EXPECT_TRUE(Run(request, response, LocalCaller()).ok());
  EXPECT_EQ(ReasonOf(Run(request, response, second)), kRequestIdReused);
}

TEST_F(IdempotencyTest, ForgetsAfterSevenDays) {
  v1::CreatePostingRequest request;
  request.set_request_id("7e2b");
  v1::Posting response;
  ASSERT_TRUE(Run(request, response).ok());
  clock_.Advance(RequestLog::kLifetime + absl::Seconds(1));
  ASSERT_TRUE(Run(request, response).ok());
  EXPECT_EQ(runs_, 2);
}

TEST_F(IdempotencyTest, WithoutAnIdEveryCallRuns) {
  v1::Posting response;
  ASSERT_TRUE(Run({}, response).ok());
  ASSERT_TRUE(Run({}, response).ok());
  EXPECT_EQ(runs_, 2);
}

TEST_F(IdempotencyTest, RunningRequestIsNotRunAgain) {
  v1::CreatePostingRequest request;
  request.set_request_id("7e2b");
  v1::Posting response;
  const absl::Status outer = RunIdempotent(
      log_, Rpc(LocalCaller()), request, response, [&](const AnswerLog&) {
        v1::Posting inner;
        EXPECT_EQ(Run(request, inner).code(), absl::StatusCode::kAborted);
        return absl::OkStatus();
      });
  EXPECT_TRUE(outer.ok());
  EXPECT_EQ(runs_, 0);
}

TEST_F(IdempotencyTest, OddIdsAreRefused) {
  for (const std::string& id : {std::string(65, 'a'), std::string("a b"),
                                std::string("a/b"), std::string("中")}) {
    v1::CreatePostingRequest request;
    request.set_request_id(id);
    v1::Posting response;
    EXPECT_EQ(FieldErrorOf(Run(request, response)).field, "request_id") << id;
  }
}

struct MaskCase {
  std::string name;
  std::vector<std::string> paths;
  std::string want;  // title|openings|employer name|skills
};
class FieldMaskTest : public testing::TestWithParam<MaskCase> {};

TEST_P(FieldMaskTest, ReplacesWhatIsNamed) {
  v1::Posting target;
  target.set_title("old");
  target.set_openings(1);
  target.mutable_employer()->set_name("old");
  target.mutable_employer()->set_uscc("old");
  target.add_skills("old");
  v1::Posting patch;
  patch.set_title("new");
  patch.mutable_employer()->set_name("new");
  patch.add_skills("new");
  google::protobuf::FieldMask mask;
  for (const std::string& path : GetParam().paths) mask.add_paths(path);
  ASSERT_TRUE(ApplyFieldMask("update_mask", mask, patch, target).ok());
  std::string got = target.title() + "|" + std::to_string(target.openings()) +
                    "|" + target.employer().name() + "/" +
                    target.employer().uscc() + "|";
  for (const std::string& skill : target.skills()) got += skill + ";";
  EXPECT_EQ(got, GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, FieldMaskTest,
    testing::ValuesIn<MaskCase>({
        {"EmptyTakesWhatIsSet", {}, "new|1|new/|new;"},
        {"StarTakesAll", {"*"}, "new|0|new/|new;"},
        {"OneField", {"title"}, "new|1|old/old|old;"},
        {"UnsetIsCleared", {"openings"}, "old|0|old/old|old;"},
        {"NestedField", {"employer.name"}, "old|1|new/old|old;"},
        {"ListIsReplaced", {"skills"}, "old|1|old/old|new;"},
    }),
    [](const auto& info) { return info.param.name; });

TEST(FieldMaskTest, UnknownPathNamesTheNearest) {
  google::protobuf::FieldMask mask;
  mask.add_paths("titel");
  v1::Posting target;
  const absl::Status status =
      ApplyFieldMask("update_mask", mask, v1::Posting(), target);
  EXPECT_EQ(ReasonOf(status), kFieldMaskInvalid);
  EXPECT_EQ(FieldErrorOf(status).value, "titel");
  EXPECT_EQ(FieldErrorOf(status).nearest, "title");
  for (const char* path : {"", "locations.region", "title.x", "*x"}) {
    mask.set_paths(0, path);
    EXPECT_FALSE(ApplyFieldMask("m", mask, v1::Posting(), target).ok()) << path;
  }
}

}  // namespace
}  // namespace gradmatch
