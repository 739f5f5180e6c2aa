import { testConnector } from '../../src/testing/connector.ts'
import { arxiv } from './index.ts'

testConnector({ component: arxiv, folder: import.meta.dirname })
