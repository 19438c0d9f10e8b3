// What the service answers to input that is wrong: code, reason, field, value,
// what is allowed and the nearest valid value, and that nothing stays of it.
#include <functional>
#include <regex>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "grpcpp/impl/client_unary_call.h"
#include "gtest/gtest.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "server/time_proto.h"
#include "tests/server/test_server.h"

namespace gradmatch {
namespace {

using Postings = v1::PostingService::Stub;
using Sources = v1::SourceService::Stub;
using Graduates = v1::GraduateService::Stub;
using Matches = v1::MatchService::Stub;

absl::Status Create(
    TestServer& server,
    const std::function<void(v1::CreatePostingRequest&)>& edit) {
  v1::CreatePostingRequest request;
  request.set_parent("sources/gd");
  *request.mutable_posting() = GoodPosting("A-1");
  edit(request);
  v1::Posting response;
  return server.Call(server.postings(), &Postings::CreatePosting, request,
                     response);
}

absl::Status CreatePosting(TestServer& server,
                           const std::function<void(v1::Posting&)>& edit) {
  return Create(server, [&](v1::CreatePostingRequest& request) {
    edit(*request.mutable_posting());
  });
}

absl::Status CreateGraduate(TestServer& server,
                            const std::function<void(v1::Graduate&)>& edit) {
  v1::CreateGraduateRequest request;
  request.set_graduate_id("g-1");
  *request.mutable_graduate() = GoodGraduate();
  edit(*request.mutable_graduate());
  v1::Graduate response;
  return server.Call(server.graduates(), &Graduates::CreateGraduate, request,
                     response);
}

absl::Status Search(
    TestServer& server,
    const std::function<void(v1::SearchPostingsRequest&)>& edit) {
  v1::SearchPostingsRequest request;
  request.set_text("软件");
  edit(request);
  v1::SearchPostingsResponse response;
  return server.Call(server.matches(), &Matches::SearchPostings, request,
                     response);
}

absl::Status Batch(
    TestServer& server,
    const std::function<void(v1::BatchUpdatePostingsRequest&)>& edit) {
  v1::BatchUpdatePostingsRequest request;
  request.set_parent("sources/gd");
  edit(request);
  v1::BatchUpdatePostingsResponse response;
  return server.Call(server.postings(), &Postings::BatchUpdatePostings, request,
                     response);
}

void AddUpdate(v1::BatchUpdatePostingsRequest& batch, const std::string& id) {
  v1::UpdatePostingRequest& one = *batch.add_requests();
  *one.mutable_posting() = GoodPosting(id);
  one.mutable_posting()->set_name("sources/gd/postings/" + id);
  one.set_allow_missing(true);
}

struct BadCase {
  std::string name;
  std::function<absl::Status(TestServer&)> call;
  std::string want;     // Summary
  std::string nearest;  // begins with; empty: not looked at
};

// One server for all cases: none of them leaves anything behind.
class BadInputTest : public testing::TestWithParam<BadCase> {
 protected:
  static void SetUpTestSuite() {
    server_ = new TestServer();
    server_->AddSource("gd");
  }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }
  static TestServer* server_;
};
TestServer* BadInputTest::server_ = nullptr;

TEST_P(BadInputTest, IsRefusedWithWhatIsNeededToCorrectIt) {
  TestServer& server = *server_;
  const absl::Status status = GetParam().call(server);
  EXPECT_EQ(Summary(status), GetParam().want) << status;
  if (status.code() == absl::StatusCode::kInvalidArgument) {
    const FieldError error = FieldErrorOf(status);
    EXPECT_FALSE(error.allowed.empty()) << status;
    // Sites read it: names and patterns are Latin, sentences are Chinese.
    EXPECT_FALSE(std::regex_search(error.allowed,
                                   std::regex("[a-z]{2,} [a-z]{2,} [a-z]{2,}")))
        << status;
    EXPECT_EQ(error.nearest.substr(0, GetParam().nearest.size()),
              GetParam().nearest);
    const auto payload =
        status.GetPayload("type.googleapis.com/google.rpc.BadRequest");
    ASSERT_TRUE(payload.has_value());
    google::rpc::BadRequest bad;
    ASSERT_TRUE(bad.ParseFromString(std::string(*payload)));
    ASSERT_GT(bad.field_violations_size(), 0);
    EXPECT_EQ(bad.field_violations(0).field(), error.field);
    EXPECT_FALSE(bad.field_violations(0).description().empty());
  }
  // Nothing half-written stays.
  v1::ListPostingsRequest list;
  list.set_parent("sources/gd");
  v1::ListPostingsResponse postings;
  ASSERT_TRUE(
      server.Call(server.postings(), &Postings::ListPostings, list, postings)
          .ok());
  EXPECT_EQ(postings.postings_size(), 0);
  v1::ListGraduatesResponse graduates;
  ASSERT_TRUE(server
                  .Call(server.graduates(), &Graduates::ListGraduates,
                        v1::ListGraduatesRequest(), graduates)
                  .ok());
  EXPECT_EQ(graduates.graduates_size(), 0);
}

const absl::Time kDay =
    absl::FromCivil(absl::CivilDay(2026, 3, 1), ChinaTime());

INSTANTIATE_TEST_SUITE_P(
    Postings, BadInputTest,
    testing::ValuesIn<BadCase>({
        {"NoTitle",
         [](TestServer& s) {
           return CreatePosting(s, [](auto& p) { p.clear_title(); });
         },
         "INVALID_ARGUMENT FIELD_MISSING posting.title", ""},
        {"NoEmployer",
         [](TestServer& s) {
           return CreatePosting(s, [](auto& p) { p.clear_employer(); });
         },
         "INVALID_ARGUMENT FIELD_MISSING posting.employer.name", ""},
        {"OverLongTitle",
         [](TestServer& s) {
           return CreatePosting(
               s, [](auto& p) { p.set_title(std::string(201, 'x')); });
         },
         "INVALID_ARGUMENT FIELD_TOO_LONG posting.title", ""},
        {"OverLongText",
         [](TestServer& s) {
           return CreatePosting(
               s, [](auto& p) { p.set_description(std::string(20'001, 'x')); });
         },
         "INVALID_ARGUMENT FIELD_TOO_LONG posting.description", ""},
        {"BadUtf8",
         [](TestServer& s) {
           return CreatePosting(s, [](auto& p) { p.set_title("\xC3\x28"); });
         },
         "INVALID_ARGUMENT ENCODING_INVALID (request)", ""},
        {"UnknownCode",
         [](TestServer& s) {
           return CreatePosting(s, [](auto& p) {
             p.mutable_locations(0)->mutable_region()->set_code("440399");
           });
         },
         "INVALID_ARGUMENT CODE_UNKNOWN posting.locations[0].region.code",
         "4403"},
        {"UnknownCodeSystem",
         [](TestServer& s) {
           return CreatePosting(s, [](auto& p) {
             p.mutable_locations(0)->mutable_region()->set_system("regio");
           });
         },
         "INVALID_ARGUMENT CODE_SYSTEM_UNKNOWN "
         "posting.locations[0].region.system",
         "region"},
        {"DatesOutOfOrder",
         [](TestServer& s) {
           return CreatePosting(s, [](auto& p) {
             *p.mutable_publish_time() = ToTimestamp(kDay);
             *p.mutable_expire_time() = ToTimestamp(kDay - absl::Hours(1));
           });
         },
         "INVALID_ARGUMENT DATES_OUT_OF_ORDER posting.expire_time", ""},
        {"NegativeOpenings",
         [](TestServer& s) {
           return CreatePosting(s, [](auto& p) { p.set_openings(-1); });
         },
         "INVALID_ARGUMENT FIELD_OUT_OF_RANGE posting.openings", ""},
        {"StateThatIsNone",
         [](TestServer& s) {
           return CreatePosting(s, [](auto& p) {
             p.set_state(static_cast<v1::Posting::State>(99));
           });
         },
         "INVALID_ARGUMENT FIELD_INVALID posting.state", ""},
        {"StateDeleted",
         [](TestServer& s) {
           return CreatePosting(
               s, [](auto& p) { p.set_state(v1::Posting::STATE_DELETED); });
         },
         "INVALID_ARGUMENT FIELD_INVALID posting.state", ""},
        {"NoSuchSource",
         [](TestServer& s) {
           return Create(s, [](auto& q) { q.set_parent("sources/xx"); });
         },
         "NOT_FOUND SOURCE_NOT_FOUND", ""},
        {"BadParent",
         [](TestServer& s) {
           return Create(s, [](auto& q) { q.set_parent("gd"); });
         },
         "INVALID_ARGUMENT NAME_INVALID parent", ""},
        {"BadRequestId",
         [](TestServer& s) {
           return Create(s, [](auto& q) { q.set_request_id("a b"); });
         },
         "INVALID_ARGUMENT FIELD_INVALID request_id", ""},
        {"BatchOfNothing", [](TestServer& s) { return Batch(s, [](auto&) {}); },
         "INVALID_ARGUMENT FIELD_MISSING requests", ""},
        {"BatchTooLarge",
         [](TestServer& s) {
           return Batch(s, [](auto& b) {
             for (int i = 0; i < 501; ++i) AddUpdate(b, std::to_string(i));
           });
         },
         "INVALID_ARGUMENT BATCH_TOO_LARGE requests", ""},
        {"DuplicateIdInBatch",
         [](TestServer& s) {
           return Batch(s, [](auto& b) {
             for (const char* id : {"a", "b", "a"}) AddUpdate(b, id);
           });
         },
         "INVALID_ARGUMENT DUPLICATE_ID requests[2].posting.name", ""},
        {"OtherSourceInBatch",
         [](TestServer& s) {
           return Batch(s, [](auto& b) {
             AddUpdate(b, "a");
             b.mutable_requests(0)->mutable_posting()->set_name(
                 "sources/bj/postings/a");
           });
         },
         "INVALID_ARGUMENT NAME_INVALID requests[0].posting.name", ""},
        {"RequestIdInBatch",
         [](TestServer& s) {
           return Batch(s, [](auto& b) {
             AddUpdate(b, "a");
             b.mutable_requests(0)->set_request_id("r");
           });
         },
         "INVALID_ARGUMENT FIELD_INVALID requests[0].request_id", ""},
        {"UnknownFieldInMask",
         [](TestServer& s) {
           return Batch(s, [](auto& b) {
             AddUpdate(b, "a");
             b.mutable_requests(0)->mutable_update_mask()->add_paths("titel");
           });
         },
         "INVALID_ARGUMENT FIELD_MASK_INVALID requests[0].update_mask",
         "title"},
        {"OneBadOfThreeInBatch",
         [](TestServer& s) {
           return Batch(s, [](auto& b) {
             for (const char* id : {"a", "b", "c"}) AddUpdate(b, id);
             b.mutable_requests(2)->mutable_posting()->clear_title();
           });
         },
         "INVALID_ARGUMENT FIELD_MISSING requests[2].posting.title", ""},
    }),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Others, BadInputTest,
    testing::ValuesIn<BadCase>({
        {"MadeUpPageToken",
         [](TestServer& s) {
           v1::ListPostingsRequest request;
           request.set_parent("sources/gd");
           request.set_page_token("MTIz");
           v1::ListPostingsResponse response;
           return s.Call(s.postings(), &Postings::ListPostings, request,
                         response);
         },
         "INVALID_ARGUMENT PAGE_TOKEN_INVALID page_token", ""},
        {"MadeUpPageTokenOfSearch",
         [](TestServer& s) {
           return Search(s, [](auto& q) { q.set_page_token("MTIz"); });
         },
         "INVALID_ARGUMENT PAGE_TOKEN_INVALID page_token", ""},
        {"NegativePageSize",
         [](TestServer& s) {
           return Search(s, [](auto& q) { q.set_page_size(-1); });
         },
         "INVALID_ARGUMENT FIELD_OUT_OF_RANGE page_size", ""},
        {"DeletedStateInList",
         [](TestServer& s) {
           v1::ListPostingsRequest request;
           request.set_parent("sources/gd");
           request.add_states(v1::Posting::STATE_DELETED);
           v1::ListPostingsResponse response;
           return s.Call(s.postings(), &Postings::ListPostings, request,
                         response);
         },
         "INVALID_ARGUMENT FIELD_INVALID states[0]", ""},
        {"ViewThatIsNone",
         [](TestServer& s) {
           v1::ListPostingsRequest request;
           request.set_parent("sources/gd");
           request.set_view(static_cast<v1::PostingView>(7));
           v1::ListPostingsResponse response;
           return s.Call(s.postings(), &Postings::ListPostings, request,
                         response);
         },
         "INVALID_ARGUMENT FIELD_INVALID view", ""},
        {"SearchForNothing",
         [](TestServer& s) {
           return Search(s, [](auto& q) { q.clear_text(); });
         },
         "INVALID_ARGUMENT FIELD_MISSING text", ""},
        {"OverLongSearch",
         [](TestServer& s) {
           return Search(s,
                         [](auto& q) { q.set_text(std::string(2'001, 'x')); });
         },
         "INVALID_ARGUMENT FIELD_TOO_LONG text", ""},
        {"UnknownRegionInSearch",
         [](TestServer& s) {
           return Search(s, [](auto& q) { q.add_regions("990000"); });
         },
         "INVALID_ARGUMENT CODE_UNKNOWN regions[0]", ""},
        {"UnknownMajorInSearch",
         [](TestServer& s) {
           return Search(s, [](auto& q) {
             *q.mutable_profile() = GoodGraduate().profile();
             q.mutable_profile()
                 ->mutable_educations(0)
                 ->mutable_majors(0)
                 ->set_code("999999");
           });
         },
         "INVALID_ARGUMENT CODE_UNKNOWN profile.educations[0].majors[0].code",
         ""},
        {"NoSuchPosting",
         [](TestServer& s) {
           v1::GetPostingRequest request;
           request.set_name("sources/gd/postings/x");
           v1::Posting response;
           return s.Call(s.postings(), &Postings::GetPosting, request,
                         response);
         },
         "NOT_FOUND POSTING_NOT_FOUND", ""},
        {"NoSuchGraduate",
         [](TestServer& s) {
           v1::MatchPostingsRequest request;
           request.set_graduate("graduates/x");
           v1::MatchPostingsResponse response;
           return s.Call(s.matches(), &Matches::MatchPostings, request,
                         response);
         },
         "NOT_FOUND GRADUATE_NOT_FOUND", ""},
        {"GraduateIdThatIsAName",
         [](TestServer& s) {
           v1::CreateGraduateRequest request;
           request.set_graduate_id("张三");
           v1::Graduate response;
           return s.Call(s.graduates(), &Graduates::CreateGraduate, request,
                         response);
         },
         "INVALID_ARGUMENT NAME_INVALID graduate_id", ""},
        {"UnknownMajor",
         [](TestServer& s) {
           return CreateGraduate(s, [](auto& g) {
             g.mutable_profile()
                 ->mutable_educations(0)
                 ->mutable_majors(0)
                 ->set_code("080999");
           });
         },
         "INVALID_ARGUMENT CODE_UNKNOWN "
         "graduate.profile.educations[0].majors[0].code",
         "0809"},
        {"NoLevelThereIs",
         [](TestServer& s) {
           return CreateGraduate(s, [](auto& g) {
             g.mutable_profile()->mutable_educations(0)->set_level(
                 static_cast<v1::EducationLevel>(17));
           });
         },
         "INVALID_ARGUMENT FIELD_INVALID graduate.profile.educations[0].level",
         ""},
        {"SourceIdWithCapitals",
         [](TestServer& s) {
           v1::CreateSourceRequest request;
           request.set_source_id("GD");
           request.mutable_source()->set_display_name("x");
           v1::Source response;
           return s.Call(s.sources(), &Sources::CreateSource, request,
                         response);
         },
         "INVALID_ARGUMENT NAME_INVALID source_id", ""},
        {"SourceNameOfTwoLines",
         [](TestServer& s) {
           v1::CreateSourceRequest request;
           request.set_source_id("xx");
           request.mutable_source()->set_display_name("广东\n省");
           v1::Source response;
           return s.Call(s.sources(), &Sources::CreateSource, request,
                         response);
         },
         "INVALID_ARGUMENT FIELD_INVALID source.display_name", ""},
        {"UnknownProvince",
         [](TestServer& s) {
           v1::CreateSourceRequest request;
           request.set_source_id("xx");
           request.mutable_source()->set_display_name("x");
           request.mutable_source()->set_province("4403");
           v1::Source response;
           return s.Call(s.sources(), &Sources::CreateSource, request,
                         response);
         },
         "INVALID_ARGUMENT CODE_UNKNOWN source.province", "44"},
    }),
    [](const auto& info) { return info.param.name; });

// A message past the limit is refused by gRPC before it is read.
TEST(MessageLimitTest, LargerThanTheLimitIsRefused) {
  TestServer server(TestServer::Settings{{"server.max_message_mb", "1"}});
  server.AddSource("gd");
  const absl::Status status = CreatePosting(server, [](v1::Posting& posting) {
    posting.set_description(std::string(2 << 20, 'x'));
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
}

// Bytes that are no protobuf at all.
TEST(UnreadableRequestTest, IsInvalidArgumentAndUnknownMethodIsNot) {
  TestServer server;
  const auto call = [&](const std::string& path) {
    grpc::ClientContext context;
    v1::GetServerInfoRequest garbage;
    garbage.GetReflection()->MutableUnknownFields(&garbage)->AddLengthDelimited(
        1, "\xFF\xFE");
    v1::ServerInfo response;
    const grpc::internal::RpcMethod method(
        path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
    return TestServer::FromWire(
        grpc::internal::BlockingUnaryCall<
            v1::GetServerInfoRequest, v1::ServerInfo,
            google::protobuf::MessageLite, google::protobuf::MessageLite>(
            server.channel().get(), method, &context, garbage, &response));
  };
  EXPECT_EQ(Summary(call("/gradmatch.v1.PostingService/GetPosting")),
            "INVALID_ARGUMENT ENCODING_INVALID (request)");
  EXPECT_EQ(call("/gradmatch.v1.PostingService/GetPostin").code(),
            absl::StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace gradmatch
