import type { Part } from '../../src/setup/part.ts'
import { PACKAGE_FOLDER } from './python.ts'

/** PyTorch and what the backend needs beside it, for `etl setup torch`. */
export const torchPart: Part = {
  name: 'torch',
  summary: 'trains and runs neural models with PyTorch',
  folder: PACKAGE_FOLDER,
  requirements: { use: 'requirements.txt', tests: 'requirements-test.txt' },
  cpu: { index: 'https://download.pytorch.org/whl/cpu', package: 'torch' },
  size: '2.7 GB to download, 6 GB on disk; with --cpu a fraction of it where that index can be reached',
  check: [
    'import torch',
    'device = "cuda" if torch.cuda.is_available() else "cpu"',
    'product = torch.ones(64, 64, device=device) @ torch.ones(64, 64, device=device)',
    'assert product.sum().item() == 64 ** 3',
    'print("PyTorch", torch.__version__, "multiplies on", device)',
  ].join('\n'),
}
