#include "matcher/hash_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <thread>
#include <vector>

#include "matcher/text/word_lists.h"

namespace gradmatch {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

std::unique_ptr<Encoder> NewEncoder(const HashEncoderOptions& options = {}) {
  auto encoder = NewHashEncoder(options);
  EXPECT_TRUE(encoder.ok()) << encoder.status();
  return *std::move(encoder);
}

const Encoder& Default() {
  static const Encoder* const encoder = NewEncoder().release();
  return *encoder;
}

std::vector<float> Encode(const EncoderInput& input, Side side,
                          const Encoder& encoder = Default()) {
  std::vector<float> row(encoder.info().dimension);
  const absl::Status status = encoder.Encode({&input, 1}, side, row);
  EXPECT_TRUE(status.ok()) << status;
  return row;
}

float Similarity(const std::vector<float>& a, const std::vector<float>& b) {
  float sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

EncoderInput Posting(std::string_view title,
                     std::string_view description = "") {
  EncoderInput input;
  input.title = title;
  input.description = description;
  return input;
}

std::vector<float> Major(std::string_view code, const Encoder& encoder) {
  const EncoderCode major{"undergraduate", code};
  EncoderInput input;
  input.major_codes = {&major, 1};
  return Encode(input, Side::kProfile, encoder);
}

TEST(HashEncoderTest, GivesUnitRows) {
  const auto row =
      Encode(Posting("会计", "负责账务处理与税务申报"), Side::kPosting);
  EXPECT_NEAR(Similarity(row, row), 1.0f, 1e-5f);
  EXPECT_FALSE(IsEmptyEmbedding(row));
}

TEST(HashEncoderTest, AnswersZerosForNothing) {
  for (std::string_view text : {"", "  ", "的了和", "🔥！", "男", "123"}) {
    EXPECT_TRUE(IsEmptyEmbedding(Encode(Posting(text), Side::kPosting)))
        << text;
  }
}

TEST(HashEncoderTest, IdNamesTheParameters) {
  EXPECT_THAT(Default().info().id, MatchesRegex("hash-1\\.[0-9a-f]{12}"));
  EXPECT_EQ(Default().info().id, NewEncoder()->info().id);
  EXPECT_NE(Default().info().id, NewEncoder({.dimension = 512})->info().id);
  EXPECT_NE(Default().info().id, NewEncoder({.skills = 2})->info().id);
  EXPECT_NE(Default().info().id, NewEncoder({.max_chars = 100})->info().id);
}

TEST(HashEncoderTest, RowsDoNotDependOnTheCall) {
  std::vector<EncoderInput> inputs;
  const std::string texts[] = {"Java开发工程师", "护士", "",
                               "机械设计 SolidWorks"};
  for (int i = 0; i < 40; ++i)
    inputs.push_back(Posting(texts[i % 4], texts[i % 3]));
  const size_t d = Default().info().dimension;
  std::vector<float> together(inputs.size() * d);
  ASSERT_TRUE(Default().Encode(inputs, Side::kPosting, together).ok());
  for (size_t i = 0; i < inputs.size(); ++i) {
    const std::vector<float> alone = Encode(inputs[i], Side::kPosting);
    EXPECT_TRUE(
        std::equal(alone.begin(), alone.end(), together.begin() + i * d))
        << i;
  }
}

TEST(HashEncoderTest, ThreadsGetTheSameBits) {
  const EncoderInput input =
      Posting("数据分析师", "熟悉SQL、Python，统计学专业优先");
  const std::vector<float> want = Encode(input, Side::kPosting);
  std::vector<std::vector<float>> got(4);
  std::vector<std::thread> threads;
  for (auto& row : got) {
    threads.emplace_back([&row, &input] {
      for (int i = 0; i < 50; ++i) row = Encode(input, Side::kPosting);
    });
  }
  for (std::thread& t : threads) t.join();
  for (const auto& row : got) EXPECT_EQ(row, want);
}

// Many dimensions, so that it shows what the features say, not which of them
// meet by chance.
TEST(HashEncoderTest, AMajorMeetsTitlesThatNeverNameIt) {
  const auto encoder = NewEncoder({.dimension = 4096});
  struct Case {
    std::string_view major;
    std::string_view fits;
    std::string_view other;
  };
  for (const Case& c : {Case{"080901", "Java开发工程师", "口腔护士"},
                        {"120203", "出纳", "施工员"},
                        {"081001", "施工员", "前端开发工程师"},
                        {"101101", "护士", "会计"},
                        {"050201", "外贸业务员", "电工"},
                        {"080202", "结构工程师", "律师"},
                        {"080601", "电气工程师", "厨师"},
                        {"030101", "法务专员", "仓管员"},
                        {"120202", "销售代表", "算法工程师"},
                        {"081301", "化工工程师", "美工"},
                        {"040106", "幼儿教师", "电焊工"},
                        {"130503", "室内设计师", "药剂师"},
                        {"120601", "物流专员", "护士"},
                        {"020301", "投资顾问", "保安"},
                        {"080801", "PLC工程师", "文案策划"}}) {
    const auto profile = Major(c.major, *encoder);
    const auto similarity = [&](std::string_view title) {
      return Similarity(profile,
                        Encode(Posting(title), Side::kPosting, *encoder));
    };
    EXPECT_GT(similarity(c.fits), similarity(c.other) + 0.1f)
        << c.major << " " << c.fits;
  }
}

TEST(HashEncoderTest, SpellingsAndWidthMeet) {
  const auto a =
      Encode(Posting("", "熟悉ＳｐｒｉｎｇＢｏｏｔ"), Side::kPosting);
  const auto b = Encode(Posting("", "spring boot 熟悉"), Side::kPosting);
  EXPECT_NEAR(Similarity(a, b), 1.0f, 1e-5f);
}

// Neither alone nor beside other words do they change a bit.
// What graduates write about themselves though nobody asks for it.
TEST(HashEncoderTest, HardshipAndDisabilityAreNoFeatures) {
  const auto plain = Encode(Posting("", "账务处理，税务申报"), Side::kProfile);
  for (std::string_view words : {"家庭经济困难",
                                 "经济困难学生",
                                 "低保家庭",
                                 "城乡低保",
                                 "建档立卡户",
                                 "建档立卡贫困户",
                                 "脱贫户",
                                 "脱贫不稳定户",
                                 "边缘易致贫户",
                                 "突发严重困难户",
                                 "特困供养",
                                 "特困人员",
                                 "低收入家庭",
                                 "零就业家庭",
                                 "单亲家庭",
                                 "孤儿",
                                 "事实无人抚养儿童",
                                 "肢体残疾",
                                 "听力残疾",
                                 "视力残疾",
                                 "言语残疾",
                                 "智力残疾",
                                 "精神残疾",
                                 "多重残疾",
                                 "持残疾证",
                                 "听力障碍",
                                 "视力障碍",
                                 "聋哑人",
                                 "盲人",
                                 "轮椅",
                                 "抑郁症",
                                 "助学贷款",
                                 "国家助学金",
                                 "贫困县",
                                 "农村户口",
                                 "维吾尔",
                                 "哈萨克",
                                 "蒙古族",
                                 "回民"}) {
    std::string text("账务处理，");
    text.append(words).append("，税务申报");
    EXPECT_EQ(Encode(Posting("", text), Side::kProfile), plain) << words;
  }
}

TEST(HashEncoderTest, SensitiveWordsAreNoFeatures) {
  const auto plain =
      Encode(Posting("会计", "账务处理，税务申报"), Side::kPosting);
  for (std::string_view word : WordLists::Get().sensitive_words) {
    std::string text("账务处理，");
    text.append(word).append("，税务申报");
    EXPECT_EQ(Encode(Posting("会计", text), Side::kPosting), plain) << word;
    EXPECT_EQ(Encode(Posting("会计", text), Side::kProfile),
              Encode(Posting("会计", "账务处理，税务申报"), Side::kProfile))
        << word;
  }
  for (std::string_view word : {"清华大学", "北京大学", "河南省", "上海"}) {
    std::string text("账务处理，");
    text.append(word).append("，税务申报");
    EXPECT_EQ(Encode(Posting("会计", text), Side::kPosting), plain) << word;
  }
}

TEST(HashEncoderTest, RefusesBadUtf8WithPlaceAndField) {
  std::vector<EncoderInput> inputs = {Posting("会计"), Posting("a", "好\xFF")};
  std::vector<float> out(2 * Default().info().dimension);
  const absl::Status status = Default().Encode(inputs, Side::kPosting, out);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("input 1 description"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("byte 3"));
}

TEST(HashEncoderTest, RefusesAnOutputOfTheWrongSize) {
  const EncoderInput input = Posting("会计");
  std::vector<float> out(10);
  EXPECT_EQ(Default().Encode({&input, 1}, Side::kPosting, out).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(HashEncoderTest, ReadsNoMoreThanItSays) {
  std::string text = "会计";
  while (text.size() < Default().info().max_chars) text += "，账务处理";
  const std::string cut = text.substr(0, text.size());
  EXPECT_EQ(
      Encode(Posting("x", cut), Side::kPosting),
      Encode(Posting("x", cut + std::string(1 << 20, 'z')), Side::kPosting));
}

struct BadOptions {
  std::string_view name;
  HashEncoderOptions options;
};

TEST(HashEncoderTest, RefusesBadOptionsByName) {
  for (const BadOptions& c :
       {BadOptions{"dimension", {.dimension = 100}},
        {"dimension", {.dimension = 0}},
        {"places", {.places = 0}},
        {"max_chars", {.max_chars = 1}},
        {"title", {.title = -1}},
        {"major_codes", {.major_codes = std::nanf("")}}}) {
    const auto encoder = NewHashEncoder(c.options);
    ASSERT_FALSE(encoder.ok()) << c.name;
    EXPECT_THAT(std::string(encoder.status().message()),
                HasSubstr(std::string(c.name)));
  }
}

}  // namespace
}  // namespace gradmatch
